import { h, type ComponentChildren, type JSX } from "preact";
import type { GraphLayout } from "../graph-layout.ts";
import type { InstallLines } from "../install-lines.ts";
import { shownVersion, type SitePlugin, type SiteVersion } from "../model.ts";
import { GraphPicture } from "./graph-picture.ts";
import { bytesText, counted, grouped, signed } from "./kinds.ts";
import type { SiteLinks } from "./links.ts";
import { Components, Executables, Facts, Section } from "./parts.ts";
import { ExecutionBadge } from "./result-list.ts";

/** What the page of a plugin shows. */
export interface PluginPageProps {
  readonly plugin: SitePlugin;
  readonly links: SiteLinks;
  readonly install: readonly InstallLines[];
  /** Absent when it needs nothing and nothing needs it. */
  readonly graph?: GraphLayout | undefined;
  /** Where the page of an id is; `undefined` for a plugin without one. */
  readonly linkOf: (id: string) => string | undefined;
  /** Rendered and sanitised. */
  readonly readme?: string | undefined;
  /** What can be done with it here, e.g. buttons; the lines for a terminal come last then. */
  readonly actions?: ComponentChildren;
}

/** Everything about one plugin. */
export function PluginPage(props: PluginPageProps): JSX.Element {
  const { plugin, install, graph, linkOf, readme, links, actions } = props;
  const shown = shownVersion(plugin);
  const isHere = actions !== undefined;
  const lines = h(
    Section,
    { id: "install", title: isHere ? "In a terminal, or in another agent" : "Install" },
    h(Install, { install }),
  );
  return h("article", { class: "wide page" }, [
    h(Head, { plugin, shown, front: links.front }),
    plugin.problem === undefined
      ? null
      : h("p", { class: "problem" }, [h("strong", null, "Cannot be installed now. "), plugin.problem]),
    h("div", { class: "plugin" }, [
      h("div", { class: "plugin-main" }, [
        actions,
        isHere ? null : lines,
        shown === undefined
          ? null
          : [
              h(
                Section,
                { id: "adds", title: "What it adds", note: `${costText(shown.tokens)} in every session, by estimate.` },
                h(Components, { components: shown.components }),
              ),
              h(
                Section,
                { id: "executes", title: "What it can execute" },
                h(Executables, { executables: shown.executables }),
              ),
            ],
        graph === undefined
          ? null
          : h(
              Section,
              { id: "needs", title: neighbourTitle(plugin.id, graph) },
              h(GraphPicture, { layout: graph, linkOf }),
            ),
        readme === undefined
          ? null
          : h(
              Section,
              { id: "readme", title: "Readme" },
              h("div", { class: "readme", dangerouslySetInnerHTML: { __html: readme } }),
            ),
        h(Versions, { plugin, links }),
        isHere ? lines : null,
      ]),
      h("aside", { class: "plugin-side", "aria-label": "Facts" }, h(Side, { plugin, shown })),
    ]),
  ]);
}

function Head({
  plugin,
  shown,
  front,
}: {
  readonly plugin: SitePlugin;
  readonly shown: SiteVersion | undefined;
  readonly front: string;
}): JSX.Element {
  const { title, id, description, version } = plugin;
  return h("header", { class: "plugin-head" }, [
    h("p", { class: "crumbs" }, [h("a", { href: front }, "Plugins"), h("span", { "aria-hidden": "true" }, " / "), id]),
    h("h1", null, [title, version === "" ? null : [" ", h("span", { class: "version" }, version)]]),
    description === "" ? null : h("p", { class: "lead" }, description),
    h("p", { class: "badges" }, [
      h(ExecutionBadge, { count: shown?.executables.length ?? -1 }),
      plugin.category === "" ? null : h("span", { class: "badge" }, plugin.category),
    ]),
  ]);
}

function neighbourTitle(id: string, { edges }: GraphLayout): string {
  const needs = edges.some(({ from }) => from === id);
  const isNeeded = edges.some(({ to }) => to === id);
  return needs && isNeeded ? "What it needs, and what needs it" : needs ? "What it needs" : "What needs it";
}

const costText = (tokens: number): string => (tokens === 0 ? "Costs no tokens" : `Costs ${grouped(tokens)} tokens`);

function Install({ install }: { readonly install: readonly InstallLines[] }): JSX.Element {
  return h(
    "div",
    { class: "install" },
    install.map(({ agent, lines }, at) =>
      h("details", { name: "install", ...(at === 0 ? { open: true } : {}) }, [
        h("summary", null, agent),
        h("div", { class: "lines" }, [
          h("pre", { tabindex: 0 }, h("code", null, lines.join("\n"))),
          h(
            "button",
            { type: "button", class: "copy", hidden: true, "data-copy": lines.join("\n") },
            "Copy",
            h("span", { class: "hidden" }, ` the lines for ${agent}`),
          ),
        ]),
      ]),
    ),
  );
}

function Side({
  plugin,
  shown,
}: {
  readonly plugin: SitePlugin;
  readonly shown: SiteVersion | undefined;
}): JSX.Element {
  const { author, license, links, tags } = plugin;
  return h("div", null, [
    h(Facts, {
      facts: [
        ["Version", plugin.version],
        ["Licence", license],
        ["Author", author],
        ["Cost", shown === undefined ? "" : counted(shown.tokens, "token")],
        ["Size", shown === undefined ? "" : sizeText(shown)],
        ["From", shown?.origin ?? ""],
        ...links.map(({ label, url }): readonly [string, JSX.Element] => [
          label,
          h("a", { href: url, rel: "nofollow ugc noopener noreferrer" }, url.replace(/^https?:\/\//u, "")),
        ]),
        ["Digest", shown === undefined ? "" : h("code", { class: "digest" }, shown.tree)],
      ],
    }),
    tags.length === 0
      ? null
      : h(
          "ul",
          { class: "tags", "aria-label": "Tags" },
          tags.map((tag) => h("li", null, tag)),
        ),
    shown === undefined || shown.findings.length === 0
      ? null
      : h("div", { class: "findings" }, [
          h("h2", null, "Findings"),
          h(
            "ul",
            null,
            shown.findings.map((finding) => h("li", null, finding)),
          ),
        ]),
  ]);
}

/** How many files there are is not kept of what is installed. */
function sizeText({ bytes, files }: SiteVersion): string {
  return files === 0 ? bytesText(bytes) : `${bytesText(bytes)} in ${counted(files, "file")}`;
}

function Versions({ plugin, links }: { readonly plugin: SitePlugin; readonly links: SiteLinks }): JSX.Element | null {
  const { versions, moreVersions, name } = plugin;
  if (versions.length === 0) return null;
  return h(Section, { id: "versions", title: "Versions" }, [
    h(
      "ol",
      { class: "versions" },
      versions.map((one) => {
        const { changes } = one;
        const href = versions.length < 2 ? undefined : links.version?.(name, one.slug);
        const label = h("span", { class: "version" }, one.version);
        return h("li", null, [
          href === undefined ? label : h("a", { href }, label),
          one.current ? h("span", { class: "badge" }, "on offer") : null,
          h("span", { class: "muted" }, one.origin),
          changes === undefined
            ? null
            : h("span", { class: "muted" }, [
                `${counted(changes.files.length + changes.more, "file")} changed`,
                changes.tokensDelta === 0 ? "" : `, ${signed(changes.tokensDelta)} tokens`,
              ]),
        ]);
      }),
    ),
    moreVersions === 0 ? null : h("p", { class: "note" }, `${counted(moreVersions, "older version")} not shown.`),
  ]);
}
