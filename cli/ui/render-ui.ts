import { h, type ComponentChildren, type JSX } from "preact";
import { renderToString } from "preact-render-to-string";
import { installLines } from "../../marketplace/site/install-lines.ts";
import { layoutGraph, type GraphNeed } from "../../marketplace/site/graph-layout.ts";
import { renderMarkdown } from "../../marketplace/site/markdown.ts";
import { shownVersion, type SitePlugin } from "../../marketplace/site/model.ts";
import { FrontPage } from "../../marketplace/site/views/front-page.ts";
import type { IndexEntry } from "../../marketplace/site/views/index-entry.ts";
import { counted } from "../../marketplace/site/views/kinds.ts";
import type { SiteLinks } from "../../marketplace/site/views/links.ts";
import { PluginPage } from "../../marketplace/site/views/plugin-page.ts";
import { Shell } from "../../marketplace/site/views/shell.ts";
import type { ChangeOrder } from "./change-event.ts";
import { OrderButton } from "./views/actions.ts";
import { HistoryPage, type HistoryProps } from "./views/history-page.ts";
import {
  InstalledPage,
  RowActions,
  scopeTitle,
  Warnings,
  type InstalledProps,
  type InstalledRow,
} from "./views/installed-page.ts";

/** What every page of a running server has. */
export interface UiFrame {
  /** What changes are sent with; absent for a page to somebody who did not come in. */
  readonly pageToken?: string | undefined;
  readonly generation: number;
  readonly dryRun: boolean;
}

const LINKS: SiteLinks = {
  front: "/discover",
  plugin: (id) => `/p/${encodeURIComponent(id)}`,
  asset: (file) => `/assets/${file}`,
};

const VIEWS = [
  { label: "Installed", href: "/" },
  { label: "Discover", href: "/discover" },
  { label: "History", href: "/history" },
] as const;

function page(frame: UiFrame, at: string, title: string, scripts: readonly string[], child: ComponentChildren): string {
  const isIn = frame.pageToken !== undefined;
  const shell: JSX.Element = h(
    Shell,
    {
      title: `${title}: Plugsmith`,
      brand: "Plugsmith",
      links: { ...LINKS, front: "/" },
      scripts,
      navigation: isIn ? VIEWS.map((view) => ({ ...view, current: view.href === at })) : [],
      withSearch: false,
      footer: frame.dryRun
        ? "This machine, as a dry run: plans are shown, nothing is changed."
        : "This machine. The server ends with Ctrl-C in its terminal.",
      data: isIn ? { "data-token": frame.pageToken ?? "", "data-generation": String(frame.generation) } : {},
    },
    [
      child,
      isIn ? h("dialog", { id: "change", class: "change-dialog", "aria-labelledby": "change-title" }) : null,
      isIn ? h("p", { id: "stale", class: "stale", role: "status", hidden: true }) : null,
    ],
  );
  return `<!doctype html>\n${renderToString(shell)}\n`;
}

/** What is installed here. */
export function renderInstalled(frame: UiFrame, props: InstalledProps): string {
  return page(frame, "/", "Installed", ["ui.js"], h(InstalledPage, props));
}

/** The search over all marketplaces that were added. */
export function renderDiscover(
  frame: UiFrame,
  entries: readonly IndexEntry[],
  markets: readonly string[],
  warnings: readonly string[],
): string {
  const child = [
    entries.length === 0
      ? h("div", { class: "wide page" }, [
          h("h1", null, "Discover"),
          h("p", { class: "lead" }, nothingOffered(markets)),
        ])
      : h(FrontPage, {
          heading: "Discover",
          description: `What ${markets.join(", ")} ${markets.length === 1 ? "offers" : "offer"}.`,
          facts: [counted(entries.length, "plugin"), counted(markets.length, "marketplace")],
          entries,
          linkOf: LINKS.plugin,
        }),
    warnings.length === 0 ? null : h("div", { class: "wide" }, h(Warnings, { warnings })),
  ];
  return page(frame, "/discover", "Discover", ["index.js", "ui.js"], child);
}

function nothingOffered(markets: readonly string[]): string {
  return markets.length === 0
    ? "No marketplace was added yet. In a terminal: plugin marketplace add owner/repo"
    : `No plugin is offered by ${markets.join(", ")}.`;
}

/** The changes that were made. */
export function renderHistory(frame: UiFrame, props: HistoryProps): string {
  return page(frame, "/history", "History", ["ui.js"], h(HistoryPage, props));
}

/** One plugin, with what can be done with it here. */
export function renderPlugin(
  frame: UiFrame,
  plugin: SitePlugin,
  places: readonly InstalledRow[],
  project: string | undefined,
  source: string | undefined,
): string {
  const needs: readonly GraphNeed[] = shownVersion(plugin)?.needs ?? [];
  const child = h(PluginPage, {
    plugin,
    links: LINKS,
    install: installLines(plugin.id, source),
    linkOf: LINKS.plugin,
    ...(needs.length === 0 ? {} : { graph: layoutGraph(plugin.id, (id) => (id === plugin.id ? needs : []), []) }),
    ...(plugin.readme === undefined ? {} : { readme: renderMarkdown(plugin.readme) }),
    actions: h(Here, { plugin, places, project }),
  });
  return page(frame, "/p", plugin.title, ["ui.js"], child);
}

/** Something that is not shown, and why. */
export function renderProblem(frame: UiFrame, title: string, message: string, hint: string | undefined): string {
  const child = h("div", { class: "wide page" }, [
    h("h1", null, title),
    h("p", { class: "lead" }, message),
    hint === undefined ? null : h("p", null, hint),
  ]);
  return page(frame, "", title, [], child);
}

function Here({
  plugin,
  places,
  project,
}: {
  readonly plugin: SitePlugin;
  readonly places: readonly InstalledRow[];
  readonly project: string | undefined;
}): JSX.Element {
  const scopes: readonly ChangeOrder["scope"][] = project === undefined ? ["user"] : ["user", "project"];
  const missing = scopes.filter((scope) => !places.some((row) => row.scope === scope));
  return h("section", { class: "here", "aria-label": "On this machine" }, [
    places.map((row) =>
      h("div", { class: "installed-row" }, [
        h("p", { class: "installed-text" }, [
          h("span", { class: "badge on" }, row.state),
          ` ${row.version} · ${scopeTitle(row.scope, project)}`,
        ]),
        h(RowActions, { row }),
      ]),
    ),
    plugin.problem !== undefined || plugin.id.endsWith("@local")
      ? null
      : h(
          "div",
          { class: "actions" },
          missing.map((scope) =>
            h(OrderButton, {
              order: { verb: "add", ids: [plugin.id], scope },
              label: scope === "user" ? "Install" : "Install in this project",
              about: plugin.id,
              kind: scope === "user" ? "first" : "",
            }),
          ),
        ),
  ]);
}
