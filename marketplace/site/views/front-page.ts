import { h, type JSX } from "preact";
import type { IndexEntry } from "./index-entry.ts";
import { kindsOf } from "./index-entry.ts";
import { counted, KINDS } from "./kinds.ts";
import { ResultList } from "./result-list.ts";

/** What a page with the search shows before any script ran. */
export interface FrontProps {
  readonly heading: string;
  readonly description: string;
  /** Under the heading, e.g. who owns the marketplace. */
  readonly facts: readonly string[];
  readonly entries: readonly IndexEntry[];
  readonly linkOf: (name: string) => string;
  /** The page that lists everything without a script. */
  readonly all?: string | undefined;
}

/** How many plugins a list shows at once. */
export const LIST_LENGTH = 40;

/** The search over all plugins, with filters. */
export function FrontPage({ heading, description, facts, entries, linkOf, all }: FrontProps): JSX.Element {
  return h("div", null, [
    h(
      "div",
      { class: "hero" },
      h("div", { class: "wide" }, [
        h("h1", null, heading),
        description === "" ? null : h("p", { class: "lead" }, description),
        h(
          "p",
          { class: "hero-facts" },
          facts.map((fact) => h("span", null, fact)),
        ),
        h(SearchField, null),
      ]),
    ),
    h("div", { class: "wide columns" }, [
      h(Filters, { entries }),
      h("section", { class: "found", "aria-labelledby": "found-title" }, [
        h("div", { class: "found-head" }, [
          h("h2", { id: "found-title" }, h("span", { id: "found", role: "status" }, counted(entries.length, "plugin"))),
          all === undefined ? null : h("a", { href: all, class: "all" }, "All from A to Z"),
        ]),
        h("div", { id: "results" }, [
          entries.length === 0
            ? h("p", { class: "empty" }, "There is no plugin here yet.")
            : h(ResultList, { entries: entries.slice(0, LIST_LENGTH), linkOf }),
        ]),
      ]),
    ]),
  ]);
}

function SearchField(): JSX.Element {
  return h("form", { class: "search", id: "search", role: "search" }, [
    h("label", { for: "q", class: "hidden" }, "Search plugins"),
    h("svg", { class: "search-mark", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, [
      h("circle", { cx: 10.5, cy: 10.5, r: 6.5 }),
      h("path", { d: "m15.5 15.5 5 5" }),
    ]),
    h("input", {
      id: "q",
      name: "q",
      type: "search",
      placeholder: "Search by name, purpose or tag",
      autocomplete: "off",
      spellcheck: false,
      "aria-controls": "results",
    }),
    h("kbd", { "aria-hidden": "true" }, "/"),
  ]);
}

/** Hidden until the script is there, because without it they would do nothing. */
function Filters({ entries }: { readonly entries: readonly IndexEntry[] }): JSX.Element {
  const present = new Set(entries.flatMap((entry) => kindsOf(entry[6])));
  const categories = [...new Set(entries.map((entry) => entry[4]).filter((category) => category !== ""))].toSorted();
  const form = h("form", { class: "filters", id: "filters", "aria-label": "Filters" }, [
    h("label", { class: "field" }, [
      h("span", null, "Order"),
      h("select", { name: "order" }, [
        h("option", { value: "" }, "Best match"),
        h("option", { value: "name" }, "Name"),
        present.size === 0 ? null : h("option", { value: "tokens" }, "Fewest tokens"),
      ]),
    ]),
    categories.length < 2
      ? null
      : h("label", { class: "field" }, [
          h("span", null, "Category"),
          h("select", { name: "category" }, [
            h("option", { value: "" }, "All categories"),
            categories.map((category) => h("option", { value: category }, category)),
          ]),
        ]),
    present.size === 0
      ? null
      : h("fieldset", null, [
          h("legend", null, "Adds"),
          KINDS.filter(([kind]) => present.has(kind)).map(([kind, , several]) =>
            h("label", { class: "check" }, [
              h("input", { type: "checkbox", name: "kind", value: kind }),
              h("span", null, `${several[0]?.toUpperCase() ?? ""}${several.slice(1)}`),
            ]),
          ),
        ]),
    present.size === 0
      ? null
      : h("fieldset", null, [
          h("legend", null, "Can execute"),
          [
            ["", "Anything"],
            ["no", "Nothing"],
            ["yes", "Something"],
          ].map(([value = "", label = ""]) =>
            h("label", { class: "check" }, [
              h("input", { type: "radio", name: "runs", value, ...(value === "" ? { checked: true } : {}) }),
              h("span", null, label),
            ]),
          ),
        ]),
    h("button", { type: "reset", class: "plain" }, "Clear filters"),
  ]);
  return h("details", { id: "filter-box", class: "filter-box", open: true, hidden: true }, [
    h("summary", null, "Filters"),
    form,
  ]);
}
