import { h, render } from "preact";
import { LIST_LENGTH } from "../views/front-page.ts";
import type { IndexEntry, SearchIndex } from "../views/index-entry.ts";
import { counted } from "../views/kinds.ts";
import { ResultList } from "../views/result-list.ts";
import { queryText, readQuery, search, searchable, type Query } from "./search.ts";

declare global {
  /** Set by the index that the page loads. */
  var plugsmithIndex: SearchIndex | undefined;
}

/** Makes the search of this page work, if it has one. */
export function startSearch(linkOf: (name: string) => string): void {
  const form = document.querySelector<HTMLFormElement>("#search");
  const filters = document.querySelector<HTMLFormElement>("#filters");
  const field = document.querySelector<HTMLInputElement>("#q");
  const results = document.querySelector("#results");
  const count = document.querySelector("#found");
  const index = globalThis.plugsmithIndex;
  if (form === null || filters === null || field === null || results === null || count === null || index === undefined)
    return;
  const all = searchable(index.entries);
  let shown = LIST_LENGTH;

  const draw = (found: readonly IndexEntry[]): void => {
    count.textContent = counted(found.length, "plugin");
    render(
      found.length === 0
        ? nothing()
        : h("div", null, [
            h(ResultList, { entries: found.slice(0, shown), linkOf }),
            found.length > shown
              ? h(
                  "button",
                  { type: "button", class: "more", onClick: () => showMore(found) },
                  `Show ${String(Math.min(LIST_LENGTH, found.length - shown))} more`,
                )
              : null,
          ]),
      results,
    );
  };
  const showMore = (found: readonly IndexEntry[]): void => {
    const next = shown;
    shown += LIST_LENGTH;
    draw(found);
    // The button may be gone: whoever used the keyboard goes on at the first new plugin.
    results.querySelectorAll<HTMLAnchorElement>(".result-name a")[next]?.focus();
  };
  const nothing = () =>
    h("div", { class: "empty" }, [
      h("p", null, "Nothing matches."),
      h("button", { type: "button", class: "plain", onClick: clear }, "Clear the search and all filters"),
    ]);
  const clear = (): void => {
    filters.reset();
    field.value = "";
    field.focus();
    update();
  };
  const update = (): void => {
    const query = readForms(field, filters);
    shown = LIST_LENGTH;
    draw(search(all, query));
    const text = queryText(query);
    history.replaceState(null, "", text === "" ? location.pathname : `?${text}`);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    results.querySelector<HTMLAnchorElement>("a")?.focus();
  });
  field.addEventListener("input", update);
  filters.addEventListener("change", update);
  filters.addEventListener("reset", () => queueMicrotask(update));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
  showFilters();
  results.replaceChildren();
  writeForms(readQuery(location.search), field, filters);
  update();
}

/** Beside the list where there is room; otherwise above it, folded. */
function showFilters(): void {
  const box = document.querySelector<HTMLDetailsElement>("#filter-box");
  if (box === null) return;
  const narrow = matchMedia("(max-width: 52rem)");
  const fold = (): void => {
    box.open = !narrow.matches;
  };
  narrow.addEventListener("change", fold);
  fold();
  box.hidden = false;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  );
}

function readForms(field: HTMLInputElement, filters: HTMLFormElement): Query {
  const parameters = new URLSearchParams();
  parameters.set("q", field.value.trim());
  for (const [name, value] of new FormData(filters)) if (typeof value === "string") parameters.append(name, value);
  return readQuery(parameters.toString());
}

function writeForms(query: Query, field: HTMLInputElement, filters: HTMLFormElement): void {
  field.value = query.text;
  for (const box of filters.querySelectorAll<HTMLInputElement>("input")) {
    box.checked = box.name === "kind" ? query.kinds.includes(box.value) : query.runs === box.value;
  }
  for (const list of filters.querySelectorAll("select")) {
    const value = list.name === "category" ? query.category : query.order;
    if ([...list.options].some((option) => option.value === value)) list.value = value;
  }
}
