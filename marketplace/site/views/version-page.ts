import { h, type JSX } from "preact";
import type { SiteChanges, SiteFileChange, SitePlugin, SiteVersion } from "../model.ts";
import { bytesText, counted, signed } from "./kinds.ts";
import type { SiteLinks } from "./links.ts";
import { Components, Executables, Facts, Section } from "./parts.ts";
import { ExecutionBadge } from "./result-list.ts";

/** What the page of a version shows. */
export interface VersionPageProps {
  readonly plugin: SitePlugin;
  readonly version: SiteVersion;
  readonly links: SiteLinks;
}

/** One version of a plugin, and what it changes against the one before. */
export function VersionPage({ plugin, version, links }: VersionPageProps): JSX.Element {
  const { changes } = version;
  return h("article", { class: "wide page" }, [
    h("header", { class: "plugin-head" }, [
      h("p", { class: "crumbs" }, [
        h("a", { href: links.front }, "Plugins"),
        h("span", { "aria-hidden": "true" }, " / "),
        h("a", { href: links.plugin(plugin.name) }, plugin.id),
        h("span", { "aria-hidden": "true" }, " / "),
        version.version,
      ]),
      h("h1", null, [plugin.title, " ", h("span", { class: "version" }, version.version)]),
      h("p", { class: "badges" }, [
        h(ExecutionBadge, { count: version.executables.length }),
        version.current ? h("span", { class: "badge" }, "on offer") : null,
      ]),
    ]),
    h("div", { class: "plugin" }, [
      h("div", { class: "plugin-main" }, [
        changes === undefined
          ? h(
              Section,
              { id: "changes", title: "Changes" },
              h("p", { class: "empty" }, "There is no older version to compare with."),
            )
          : h(Section, { id: "changes", title: `Changes since ${changes.from}` }, h(Changes, { changes })),
        h(Section, { id: "adds", title: "What it adds" }, h(Components, { components: version.components })),
        h(
          Section,
          { id: "executes", title: "What it can execute" },
          h(Executables, { executables: version.executables }),
        ),
      ]),
      h("aside", { class: "plugin-side", "aria-label": "Facts" }, [
        h(Facts, {
          facts: [
            ["Cost", counted(version.tokens, "token")],
            ["Size", `${bytesText(version.bytes)} in ${counted(version.files, "file")}`],
            ["From", version.origin],
            ["Needs", version.needs.map(({ id, range }) => `${id} ${range}`).join(", ")],
            ["Digest", h("code", { class: "digest" }, version.tree)],
          ],
        }),
      ]),
    ]),
  ]);
}

function Changes({ changes }: { readonly changes: SiteChanges }): JSX.Element {
  const { facts, tokensDelta, bytesDelta, files, more } = changes;
  const costs = [
    ...(tokensDelta === 0 ? [] : [`${signed(tokensDelta)} tokens`]),
    ...(bytesDelta === 0 ? [] : [`${bytesDelta > 0 ? "+" : ""}${bytesText(bytesDelta)}`]),
  ];
  return h("div", null, [
    h("p", { class: "note" }, [
      `${counted(files.length + more, "file")} changed`,
      costs.length === 0 ? "." : `, ${costs.join(", ")}.`,
    ]),
    facts.length === 0
      ? h("p", { class: "calm" }, "It adds, needs and can execute the same as before.")
      : h(
          "ul",
          { class: "fact-changes" },
          facts.map(({ mark, text }) =>
            h("li", { class: mark === "+" ? "come" : "gone" }, [
              h("span", { class: "fact-mark" }, mark === "+" ? "now " : "no longer "),
              text,
            ]),
          ),
        ),
    files.map((file) => h(FileChange, { key: file.path, file })),
    more === 0 ? null : h("p", { class: "note" }, `And ${counted(more, "more file")}.`),
  ]);
}

function FileChange({ file }: { readonly file: SiteFileChange }): JSX.Element {
  const { change, path, lines } = file;
  const name = [h("span", { class: `change ${change}` }, change), h("code", null, path)];
  if (lines === undefined || lines.length === 0) return h("p", { class: "file" }, name);
  return h("details", { class: "file", open: lines.length <= 60 }, [
    h("summary", null, name),
    h(
      "pre",
      { class: "diff", tabindex: 0 },
      lines.map(({ mark, text }) =>
        h("span", { class: LINE_CLASS[mark] }, mark === "@" ? `${text}\n` : `${mark} ${text}\n`),
      ),
    ),
  ]);
}

const LINE_CLASS = { "+": "come", "-": "gone", " ": "same", "@": "where" } as const;
