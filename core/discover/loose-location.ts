import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { AGENT_FIELDS } from "../../schemas/agent.ts";
import { readCommands } from "../../schemas/formats/components/commands.ts";
import { readOutputStyles } from "../../schemas/formats/components/agents.ts";
import { descriptionOf, readDocument } from "../../schemas/formats/components/document.ts";
import { markdownFiles } from "../../schemas/formats/components/markdown-files.ts";
import { readSkill } from "../../schemas/formats/components/skills.ts";
import { Findings } from "../../schemas/formats/findings.ts";
import type { ReadContext } from "../../schemas/formats/read-context.ts";
import { reportLink } from "../../schemas/formats/read-context.ts";
import type { AgentContribution, Contribution, PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { HostPlugin } from "../host-plugin.ts";
import { openDirectoryTree } from "../platform/disk-file-tree.ts";
import { realOf } from "../platform/real-path.ts";
import { looseSkills } from "./loose-skills.ts";
import type { SkillIndex } from "./skill-index.ts";

/** Folders of a place that hold components without a plugin around them. */
export const LOOSE_KINDS = ["skills", "commands", "agents", "output-styles"] as const;

/** One of them. */
export type LooseKind = (typeof LOOSE_KINDS)[number];

/** Whose a place is: the second part of the ids of its synthetic plugins. */
export type LooseOrigin = "managed" | "user" | "project";

/** A folder whose sub-folders hold loose components, e.g. `~/.claude`. */
export interface LoosePlace {
  readonly origin: LooseOrigin;
  /** First part of the ids. */
  readonly label: string;
  /** Absolute; it need not exist. */
  readonly directory: string;
  readonly kinds: readonly LooseKind[];
  /** Links may lead here and nowhere else; absent means anywhere: what people put into their own folders is theirs. */
  readonly within?: string | undefined;
  readonly dataRoot: string;
}

/** A place that is read. */
export interface LooseLocation extends LoosePlace {
  /** What is known of skills that did not change. */
  readonly index: SkillIndex;
}

/** Reads a place: one synthetic plugin, and one more for each link that leads out of it. */
export function readLocation(location: LooseLocation): readonly HostPlugin[] {
  const root = realOf(location.directory);
  if (root === undefined || !admits(location, root)) return [];
  const own: Partial<Record<LooseKind, string>> = {};
  const linked: HostPlugin[] = [];
  for (const kind of location.kinds) {
    const real = realOf(join(root, kind));
    if (real === undefined) continue;
    const inner = below(root, real);
    if (inner !== undefined) own[kind] = inner;
    else if (admits(location, real))
      linked.push(...readFolders({ ...location, label: `${location.label}:${kind}` }, real, { [kind]: "" }));
  }
  return [...readFolders(location, root, own), ...linked];
}

/** The plugin of components, as the host takes it; `state` is equal for equal components. */
export function loosePlugin(
  { origin, label, dataRoot }: LoosePlace,
  directory: string,
  contributions: readonly Contribution[],
  diagnostics: HostPlugin["diagnostics"],
  state: string = JSON.stringify(contributions),
): HostPlugin {
  const id = `${label}@${origin}`;
  const manifest: PluginManifest = {
    schema: 1,
    format: "claude-code",
    name: label,
    keywords: [],
    defaultEnabled: true,
    dependencies: [],
    userConfig: {},
    channels: [],
    settings: {},
    contributions,
    provenance: {},
  };
  return {
    info: {
      id,
      name: label,
      version: "",
      tier: "loose",
      directory,
      dataDirectory: join(dataRoot, id.replaceAll(/[^\w-]/gu, "-")),
    },
    revision: createHash("sha256").update(`${directory}\n${state}`).digest("hex"),
    manifest,
    dependencies: [],
    disabledComponents: [],
    options: {},
    diagnostics,
  };
}

/** Reads folders of one root; skills that links bring in from elsewhere become plugins of their own. */
function readFolders(
  location: LooseLocation,
  root: string,
  folders: Partial<Record<LooseKind, string>>,
): readonly HostPlugin[] {
  const findings = new Findings();
  const context: ReadContext = { tree: openDirectoryTree(root), findings, plugin: location.label };
  const contributions: Contribution[] = [];
  const linked: HostPlugin[] = [];
  let skillState = "";
  if (folders.skills !== undefined) {
    const found = looseSkills(context, root, folders.skills, location.index);
    contributions.push(...found.skills);
    skillState = found.state;
    for (const path of found.links) linked.push(...linkedSkill(location, root, path, context));
  }
  if (folders.commands !== undefined) contributions.push(...readCommands(context, [{ path: folders.commands }]));
  if (folders.agents !== undefined) contributions.push(...looseAgents(context, folders.agents));
  const styles = folders["output-styles"];
  if (styles !== undefined) contributions.push(...readOutputStyles(context, [{ path: styles }]));
  const others = contributions.filter(({ kind }) => kind !== "skill");
  const state = `${skillState}${JSON.stringify(others)}`;
  const plugin = loosePlugin(location, root, contributions, findings.all(), state);
  return contributions.length === 0 && plugin.diagnostics.length === 0 ? linked : [plugin, ...linked];
}

/** A skill that lies elsewhere and is linked into a place, as tools that share skills between agents do it. */
function linkedSkill(location: LooseLocation, root: string, path: string, context: ReadContext): readonly HostPlugin[] {
  const target = realOf(join(root, path));
  const node = context.tree.stat(path);
  if (target === undefined || !admits(location, target) || !lstatSync(target).isDirectory()) {
    if (node?.kind === "refused-link") reportLink(context, node, "skill");
    return [];
  }
  const name = path.slice(path.lastIndexOf("/") + 1);
  const findings = new Findings();
  const skill = readSkill({ tree: openDirectoryTree(target), findings, plugin: name }, "", false);
  if (skill === undefined) return [];
  return [loosePlugin({ ...location, label: `${location.label}:${path}` }, target, [skill], findings.all())];
}

/** Agents of a person or project keep every field; without name or description they are none (formats.md §5.2). */
function looseAgents(context: ReadContext, folder: string): readonly AgentContribution[] {
  return markdownFiles(context, folder, "agent").flatMap(({ file }) => {
    const document = readDocument(context, file, AGENT_FIELDS, "agent");
    if (document === undefined) return [];
    const { name, description } = document.fields;
    if (typeof name === "string" && /^[^-:][^:]*$/u.test(name) && typeof description === "string") {
      return [
        { kind: "agent", name, file, description: descriptionOf(context, document, file), fields: document.fields },
      ];
    }
    context.findings.warn(
      "W_FIELD_MISSING",
      "an agent needs a `name` without `:` and a `description`",
      { file },
      {
        hint: "add both to its front matter",
        dropped: "agent",
      },
    );
    return [];
  });
}

/** Whether a real path may be read for a place. */
export function admits({ within }: LoosePlace, real: string): boolean {
  return within === undefined || real === within || below(within, real) !== undefined;
}

/** The part of a path below a folder with `/` between names; `undefined` outside. */
export function below(folder: string, path: string): string | undefined {
  const inner = relative(folder, path);
  if (inner === "" || inner === ".." || inner.startsWith(`..${sep}`) || isAbsolute(inner)) return undefined;
  return sep === "/" ? inner : inner.replaceAll(sep, "/");
}
