import type { Contribution, HookContribution, PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { SiteComponent } from "./model.ts";
import { visibleText } from "./visible-text.ts";

/** Everything that a manifest adds, in its order, with one line about each. */
export function componentsOf(manifest: PluginManifest): readonly SiteComponent[] {
  const components = manifest.contributions.map((contribution) => ({
    kind: contribution.kind,
    name: visibleText(nameOf(contribution), 200),
    text: visibleText(textOf(contribution), 400),
  }));
  const { entry } = manifest.plugsmith ?? {};
  if (entry === undefined) return components;
  return [...components, { kind: "entry", name: visibleText(entry, 200), text: "code of its own" }];
}

function nameOf(contribution: Contribution): string {
  return contribution.kind === "hook" ? hookName(contribution) : contribution.name;
}

function hookName({ event, matcher }: HookContribution): string {
  return matcher === undefined || matcher === "" ? event : `${event} (${matcher})`;
}

function textOf(contribution: Contribution): string {
  switch (contribution.kind) {
    case "skill":
    case "command":
    case "agent":
    case "monitor":
      return contribution.description;
    case "hook":
      return contribution.statusMessage ?? `runs a handler of type ${contribution.handler.type}`;
    case "mcp":
      return contribution.config.transport === "stdio" ? "started here" : `over ${contribution.config.transport}`;
    case "lsp":
      return `for ${Object.keys(contribution.extensionToLanguage).sort().join(", ")}`;
    default:
      return contribution.description ?? contribution.file;
  }
}
