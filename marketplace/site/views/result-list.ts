import { h, type JSX } from "preact";
import { kindsOf, type IndexEntry } from "./index-entry.ts";
import { kindWord } from "./kinds.ts";

/** Plugins as a list, each with its name, what it is and what it costs. */
export function ResultList({
  entries,
  linkOf,
}: {
  readonly entries: readonly IndexEntry[];
  readonly linkOf: (name: string) => string;
}): JSX.Element {
  return h(
    "ul",
    { class: "results" },
    entries.map((entry) => h(Result, { key: entry[0], entry, href: linkOf(entry[0]) })),
  );
}

function Result({ entry, href }: { readonly entry: IndexEntry; readonly href: string }): JSX.Element {
  const [name, title, description, version, category, , bits, tokens, executes] = entry;
  const kinds = kindsOf(bits);
  return h("li", { class: "result" }, [
    h("h3", { class: "result-name" }, [
      h("a", { href }, title === "" ? name : title),
      title === "" ? null : h("span", { class: "result-id" }, name),
      version === "" ? null : h("span", { class: "version" }, version),
    ]),
    description === "" ? null : h("p", { class: "result-text" }, description),
    h("p", { class: "result-facts" }, [
      h(ExecutionBadge, { count: executes }),
      kinds.length === 0 ? null : h("span", null, kinds.map((kind) => kindWord(kind, 2)).join(" · ")),
      tokens < 0 ? null : h("span", null, `${String(tokens)} tokens`),
      category === "" ? null : h("span", { class: "category" }, category),
    ]),
  ]);
}

/** Whether a plugin can execute anything, in words and by colour. */
export function ExecutionBadge({ count }: { readonly count: number }): JSX.Element {
  if (count < 0) return h("span", { class: "badge unknown" }, "not read");
  if (count === 0) return h("span", { class: "badge quiet" }, "runs nothing");
  return h("span", { class: "badge runs" }, `can run ${String(count)} ${count === 1 ? "thing" : "things"}`);
}
