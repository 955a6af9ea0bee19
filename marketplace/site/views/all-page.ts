import { h, type JSX } from "preact";
import type { IndexEntry } from "./index-entry.ts";
import { counted } from "./kinds.ts";

/** Every plugin by name, for those without scripts and for those who read a list. */
export function AllPage({
  market,
  entries,
  linkOf,
}: {
  readonly market: string;
  readonly entries: readonly IndexEntry[];
  readonly linkOf: (name: string) => string;
}): JSX.Element {
  const letters = Map.groupBy(
    entries.toSorted(([one], [other]) => (one.toLowerCase() < other.toLowerCase() ? -1 : 1)),
    ([name]) => name[0]?.toUpperCase() ?? "",
  );
  return h("div", { class: "wide page" }, [
    h("h1", null, "All plugins"),
    h("p", { class: "lead" }, `${counted(entries.length, "plugin")} of ${market}, from A to Z.`),
    [...letters].map(([letter, ones]) =>
      h("section", { class: "letter" }, [
        h("h2", null, letter),
        h(
          "ul",
          { class: "names" },
          ones.map(([name]) => h("li", null, h("a", { href: linkOf(name) }, name))),
        ),
      ]),
    ),
  ]);
}
