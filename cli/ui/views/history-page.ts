import { h, type JSX } from "preact";
import type { ChangeOrder } from "../change-event.ts";
import { OrderButton } from "./actions.ts";
import { scopeTitle, Warnings } from "./installed-page.ts";

/** One generation as the history shows it. */
export interface HistoryRow {
  readonly number: number;
  readonly when: string;
  readonly verb: string;
  readonly root: string;
  readonly isCurrent: boolean;
}

/** Every change that was made, newest first. */
export interface HistoryProps {
  readonly rows: readonly HistoryRow[];
  readonly project: string | undefined;
  readonly warnings: readonly string[];
}

/** The generations, and the way back to each. */
export function HistoryPage({ rows, project, warnings }: HistoryProps): JSX.Element {
  const scopes: readonly ChangeOrder["scope"][] = project === undefined ? ["user"] : ["user", "project"];
  return h("div", { class: "wide page" }, [
    h("h1", null, "History"),
    h(
      "p",
      { class: "lead" },
      "Every change is a generation. Going back changes one place only, and can be undone itself.",
    ),
    h(Warnings, { warnings }),
    rows.length === 0 ? h("p", { class: "empty" }, "Nothing was changed yet.") : null,
    h(
      "ol",
      { class: "installed" },
      rows.map((row) =>
        h("li", { class: "installed-row" }, [
          h("div", { class: "installed-text" }, [
            h("h2", { class: "history-name" }, [
              `${String(row.number)} `,
              h("code", null, row.verb),
              row.isCurrent ? [" ", h("span", { class: "badge on" }, "current")] : null,
            ]),
            h("p", { class: "result-facts" }, [
              h("time", { datetime: row.when }, row.when.replace("T", " ").replace(/\.\d+Z$/u, "Z")),
              h("span", null, row.root === "user" ? "for you" : row.root),
            ]),
          ]),
          row.isCurrent
            ? null
            : h(
                "div",
                { class: "actions" },
                scopes.map((scope) =>
                  h(OrderButton, {
                    order: { verb: "rollback", ids: [], scope, to: row.number },
                    label:
                      scopes.length === 1
                        ? "Go back to this"
                        : `Go back: ${scopeTitle(scope, "the project").toLowerCase()}`,
                    about: `generation ${String(row.number)}`,
                  }),
                ),
              ),
        ]),
      ),
    ),
  ]);
}
