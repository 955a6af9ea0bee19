import { createHash } from "node:crypto";
import { lstatSync, realpathSync } from "node:fs";
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

/** Folders of a place that hold components without a plugin around them. */
export const LOOSE_KINDS = ["skills", "commands", "agents", "output-styles"] as const;

/** One of them. */
export type LooseKind = (typeof LOOSE_KINDS)[number];

/** Whose a place is: the second part of the ids of its synthetic plugins. */
export type LooseOrigin = "managed" | "user" | "project";

/** A folder whose sub-folders hold loose components, e.g. `~/.claude`. */
export interface LooseLocation {
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

const MAX_DEPTH = 6;
const MAX_DIRECTORIES = 2_000;
const SKIPPED: ReadonlySet<string> = new Set([".git", "node_modules"]);

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

/** The plugin of components, as the host takes it. */
export function loosePlugin(
  { origin, label, dataRoot }: LooseLocation,
  directory: string,
  contributions: readonly Contribution[],
  diagnostics: HostPlugin["diagnostics"],
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
    revision: createHash("sha256")
      .update(JSON.stringify([directory, contributions]))
      .digest("hex"),
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
  if (folders.skills !== undefined) {
    const found = skillFolders(context, folders.skills);
    for (const folder of found.folders) {
      const skill = readSkill(context, folder);
      if (skill !== undefined) contributions.push(skill);
    }
    for (const path of found.links) linked.push(...linkedSkill(location, root, path, context));
  }
  if (folders.commands !== undefined) contributions.push(...readCommands(context, [{ path: folders.commands }]));
  if (folders.agents !== undefined) contributions.push(...looseAgents(context, folders.agents));
  const styles = folders["output-styles"];
  if (styles !== undefined) contributions.push(...readOutputStyles(context, [{ path: styles }]));
  const plugin = loosePlugin(location, root, contributions, findings.all());
  return contributions.length === 0 && plugin.diagnostics.length === 0 ? linked : [plugin, ...linked];
}

/** Folders with a SKILL.md below a folder, at most 6 deep and 2,000 in all, and links that leave the root. */
function skillFolders(
  context: ReadContext,
  start: string,
): { readonly folders: readonly string[]; readonly links: readonly string[] } {
  const { tree } = context;
  const folders: string[] = [];
  const links: string[] = [];
  const seen = new Set<string>();
  const queue: { readonly path: string; readonly depth: number }[] = [{ path: start, depth: 0 }];
  for (const { path, depth } of queue) {
    const real = tree.stat(path)?.path ?? path;
    if (seen.has(real)) continue;
    seen.add(real);
    if (seen.size > MAX_DIRECTORIES) {
      const message = `only ${String(MAX_DIRECTORIES)} folders of skills are looked at`;
      context.findings.warn(
        "W_SKILL_UNREACHED",
        message,
        { file: path },
        { hint: "remove folders that hold no skills" },
      );
      break;
    }
    const document = depth === 0 ? undefined : tree.stat(`${path}/SKILL.md`);
    if (document?.kind === "refused-link") reportLink(context, document, "skill");
    if (document?.kind === "file") folders.push(path);
    if (document !== undefined || depth === MAX_DEPTH) continue;
    for (const { name, kind } of tree.list(path) ?? []) {
      const child = path === "" ? name : `${path}/${name}`;
      if (SKIPPED.has(name) || kind === "file" || kind === "other") continue;
      if (kind === "link" && tree.stat(child)?.kind === "refused-link") links.push(child);
      else queue.push({ path: child, depth: depth + 1 });
    }
  }
  return { folders, links };
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
  const skill = readSkill({ tree: openDirectoryTree(target), findings, plugin: name }, "");
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
export function admits({ within }: LooseLocation, real: string): boolean {
  return within === undefined || real === within || below(within, real) !== undefined;
}

/** The part of a path below a folder with `/` between names; `undefined` outside. */
export function below(folder: string, path: string): string | undefined {
  const inner = relative(folder, path);
  if (inner === "" || inner === ".." || inner.startsWith(`..${sep}`) || isAbsolute(inner)) return undefined;
  return sep === "/" ? inner : inner.replaceAll(sep, "/");
}

/** Where a path really is; `undefined` when nothing is there. */
export function realOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}
