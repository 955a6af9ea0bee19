import { h, type ComponentChildren, type JSX } from "preact";
import type { SiteComponent, SiteExecutable } from "../model.ts";
import { byKind, counted, kindWord } from "./kinds.ts";

/** A part of a page with its heading. */
export function Section({
  id,
  title,
  note,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly note?: string | undefined;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return h("section", { class: "part", "aria-labelledby": id }, [
    h("h2", { id }, title),
    note === undefined ? null : h("p", { class: "note" }, note),
    children,
  ]);
}

/** Everything a version adds, by kind. */
export function Components({ components }: { readonly components: readonly SiteComponent[] }): JSX.Element {
  if (components.length === 0) return h("p", { class: "empty" }, "It adds nothing by itself.");
  return h(
    "div",
    null,
    byKind(components).map(([kind, ones]) => [
      h("h3", null, counted(ones.length, kindWord(kind), kindWord(kind, 2))),
      h(
        "dl",
        { class: "components" },
        ones.map(({ name, text }) => h("div", null, [h("dt", null, h("code", null, name)), h("dd", null, text)])),
      ),
    ]),
  );
}

/** Everything a version can execute, with full commands. */
export function Executables({ executables }: { readonly executables: readonly SiteExecutable[] }): JSX.Element {
  if (executables.length === 0) {
    return h("p", { class: "calm" }, "Nothing. It holds text for the model only, so it needs no consent.");
  }
  return h(ExecutableList, { executables });
}

/** What can be executed, with full commands. */
export function ExecutableList({ executables }: { readonly executables: readonly SiteExecutable[] }): JSX.Element {
  return h(
    "ul",
    { class: "executables" },
    executables.map(({ kind, name, display }) =>
      h("li", null, [
        h("div", { class: "executable-name" }, [
          h("span", { class: "badge runs" }, kindWord(kind)),
          h("code", null, name),
        ]),
        h("pre", { tabindex: 0 }, h("code", null, display)),
      ]),
    ),
  );
}

/** A list of facts, empty ones left out. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [label: string, value: ComponentChildren])[];
}): JSX.Element {
  return h(
    "dl",
    { class: "facts" },
    facts
      .filter(([, value]) => value !== "" && value !== undefined && value !== null)
      .map(([label, value]) => h("div", null, [h("dt", null, label), h("dd", null, value)])),
  );
}
