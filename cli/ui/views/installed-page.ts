import { h, type JSX } from "preact";
import { counted, grouped } from "../../../marketplace/site/views/kinds.ts";
import type { ChangeOrder } from "../change-event.ts";
import { OrderButton } from "./actions.ts";

/** One installed plugin as the list shows it. */
export interface InstalledRow {
  readonly id: string;
  readonly version: string;
  readonly scope: ChangeOrder["scope"];
  readonly isEnabled: boolean;
  /** In words, e.g. `enabled (dependency)`. */
  readonly state: string;
  readonly isBroken: boolean;
  readonly provides: string;
  readonly tokens: number;
  readonly href: string;
}

/** What is installed here. */
export interface InstalledProps {
  readonly rows: readonly InstalledRow[];
  /** The project that the server was started in, if it is one. */
  readonly project: string | undefined;
  readonly generation: number;
  readonly warnings: readonly string[];
}

/** The plugins of this person and of the project. */
export function InstalledPage({ rows, project, generation, warnings }: InstalledProps): JSX.Element {
  const scopes = (["user", "project", "local"] as const).filter((scope) => rows.some((row) => row.scope === scope));
  const tokens = rows.filter((row) => row.isEnabled).reduce((sum, row) => sum + row.tokens, 0);
  return h("div", { class: "wide page" }, [
    h("header", { class: "list-head" }, [
      h("div", null, [
        h("h1", null, "Installed"),
        h(
          "p",
          { class: "lead" },
          rows.length === 0
            ? "Nothing is installed yet."
            : `${counted(rows.length, "plugin")}, ${grouped(tokens)} tokens in every session. Generation ${String(generation)}.`,
        ),
      ]),
    ]),
    h(Warnings, { warnings }),
    rows.length === 0
      ? h("p", { class: "empty" }, [
          "Choose something in ",
          h("a", { href: "/discover" }, "Discover"),
          "; every change shows its plan first, and can be taken back.",
        ])
      : null,
    scopes.map((scope) => {
      const mine = rows.filter((row) => row.scope === scope);
      return h("section", { class: "part scope", "aria-labelledby": `scope-${scope}` }, [
        h("div", { class: "scope-head" }, [
          h("h2", { id: `scope-${scope}` }, scopeTitle(scope, project)),
          h("div", { class: "actions" }, [
            h(OrderButton, {
              order: { verb: "update", ids: [], scope },
              label: "Update all",
              about: scopeTitle(scope, project),
            }),
            h(OrderButton, {
              order: { verb: "rollback", ids: [], scope },
              label: "Undo the last change",
              about: scopeTitle(scope, project),
            }),
          ]),
        ]),
        h(
          "ul",
          { class: "installed" },
          mine.map((row) => h(Row, { key: row.id, row })),
        ),
      ]);
    }),
  ]);
}

/** What is wrong with the state, in one line each. */
export function Warnings({ warnings }: { readonly warnings: readonly string[] }): JSX.Element | null {
  if (warnings.length === 0) return null;
  return h(
    "ul",
    { class: "warnings" },
    warnings.map((warning) => h("li", { class: "problem" }, warning)),
  );
}

/** Whose plugins a scope holds. */
export function scopeTitle(scope: ChangeOrder["scope"], project: string | undefined): string {
  if (scope === "user") return "For you";
  return `${scope === "local" ? "Your own picks in" : "In"} ${project ?? "this project"}`;
}

function Row({ row }: { readonly row: InstalledRow }): JSX.Element {
  const { id, version, state, isBroken, isEnabled, provides, tokens, href } = row;
  return h("li", { class: "installed-row" }, [
    h("div", { class: "installed-text" }, [
      h("h3", null, [h("a", { href }, id), " ", h("span", { class: "version" }, version)]),
      h("p", { class: "result-facts" }, [
        h("span", { class: `badge ${isBroken ? "bad" : isEnabled ? "on" : ""}`.trim() }, state),
        h("span", null, provides),
        h("span", null, counted(tokens, "token")),
      ]),
    ]),
    h(RowActions, { row }),
  ]);
}

/** What can be done with an installed plugin. */
export function RowActions({ row }: { readonly row: InstalledRow }): JSX.Element {
  const { id, scope, isEnabled } = row;
  const order = (verb: ChangeOrder["verb"]): ChangeOrder => ({ verb, ids: [id], scope });
  return h("div", { class: "actions" }, [
    h(OrderButton, { order: order("update"), label: "Update", about: id }),
    isEnabled
      ? h(OrderButton, { order: order("disable"), label: "Disable", about: id })
      : h(OrderButton, { order: order("enable"), label: "Enable", about: id }),
    h(OrderButton, { order: order("remove"), label: "Remove", about: id, kind: "danger" }),
  ]);
}
