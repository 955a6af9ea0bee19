import { dirname, join, relative } from "node:path";
import type { Contributed } from "../../plugin-api/point.ts";
import type { LooseFolders } from "../../plugin-api/services/loose-folders.ts";
import type { Workspace } from "../../plugin-api/services/workspace.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { Contribution, SkillContribution } from "../../schemas/plugin-manifest.ts";
import type { HostPlugin } from "../host-plugin.ts";
import { managedPlaces } from "../platform/managed-paths.ts";
import { realOf } from "../platform/real-path.ts";
import { below, LOOSE_KINDS, readLocation, type LoosePlace } from "./loose-location.ts";
import { readSettingsParts } from "./loose-settings.ts";
import { SkillIndex } from "./skill-index.ts";

/** Where loose folders are looked for. */
export interface LooseFoldersOptions {
  readonly workspace: Pick<Workspace, "directory" | "projectDirectory" | "homeDirectory" | "plugsmithHome" | "trusted">;
  /** Folder of plugins' data folders. */
  readonly dataRoot: string;
  /** Folders that administrators write; default: those of the platform. */
  readonly managed?: readonly string[] | undefined;
  /** Real paths of folders beside the project whose skills count too. */
  readonly added?: readonly string[] | undefined;
  /** The text of a file of settings that counts; default: what it holds. */
  readonly settingsText?: ((file: string) => string | undefined) | undefined;
}

/**
 * What a person and a project have in loose folders, as synthetic plugins (`claude@user`, `agents@project` …), strongest first.
 * Of components of one kind and name the strongest place's counts. What a project's settings would run is held until a
 * person trusts the project; its texts are only read.
 */
export function looseFolders(options: LooseFoldersOptions): readonly HostPlugin[] {
  const { workspace, dataRoot, settingsText } = options;
  const index = indexOf(options);
  const places = locations(options);
  const seen = new Set<string>();
  const plugins = places.flatMap((place) => {
    // A person's home may be the project too.
    const real = realOf(place.directory) ?? place.directory;
    if (seen.has(real)) return [];
    seen.add(real);
    return readLocation({ ...place, index });
  });
  index.save();
  const { homeDirectory, projectDirectory, plugsmithHome } = workspace;
  const base = { label: "settings", kinds: [], dataRoot } as const;
  const project = { ...base, origin: "project", directory: projectDirectory, within: projectDirectory } as const;
  const user = [relative(homeDirectory, join(plugsmithHome, "settings.json")), ".claude/settings.json"];
  const settings = [
    readSettingsParts({ ...base, origin: "user", directory: homeDirectory }, user, [], settingsText),
    projectDirectory === homeDirectory
      ? undefined
      : readSettingsParts(project, PROJECT_SETTINGS, [".mcp.json"], settingsText),
  ];
  return [
    ...strongest(plugins),
    ...settings.flatMap((plugin) => (plugin === undefined ? [] : held(plugin, workspace))),
  ];
}

/** The directories that `looseFolders` looks at, for whoever watches them; they need not exist. */
export function loosePlaces(options: LooseFoldersOptions): readonly string[] {
  return locations(options).map(({ directory }) => directory);
}

/** Reads the folders that are not looked at when the host boots. */
export function looseFoldersOf(options: LooseFoldersOptions): LooseFolders {
  const { workspace, dataRoot } = options;
  const project = realOf(workspace.projectDirectory) ?? workspace.projectDirectory;
  return {
    skillsIn: (directory) => {
      const inner = below(project, realOf(directory) ?? directory);
      if (inner === undefined) return [];
      return projectPlaces(directory, inner, project, dataRoot)
        .flatMap((place) => readLocation({ ...place, index: indexOf(options), kinds: ["skills"] }))
        .flatMap(skillsOf);
    },
  };
}

const PROJECT_SETTINGS = [".plugsmith/settings.json", ".claude/settings.json", ".claude/settings.local.json"];

function indexOf({ workspace }: LooseFoldersOptions): SkillIndex {
  return new SkillIndex(join(workspace.plugsmithHome, "cache", "loose-skills.json"));
}

/** Strongest first. */
function locations({ workspace, dataRoot, managed, added = [] }: LooseFoldersOptions): readonly LoosePlace[] {
  const { homeDirectory, plugsmithHome } = workspace;
  const place = (origin: LoosePlace["origin"], label: string, directory: string): LoosePlace => ({
    origin,
    label,
    directory,
    kinds: label === "agents" ? ["skills"] : LOOSE_KINDS,
    dataRoot,
  });
  const administrators =
    managed ?? managedPlaces(process.platform).flatMap(({ directory }) => [directory, join(directory, ".claude")]);
  return [
    ...administrators.map((directory, at) => place("managed", `folder-${String(at + 1)}`, directory)),
    place("user", "plugsmith", plugsmithHome),
    place("user", "claude", join(homeDirectory, ".claude")),
    place("user", "agents", join(homeDirectory, ".agents")),
    ...upwards(workspace).flatMap(({ directory, inner }) =>
      projectPlaces(directory, inner, workspace.projectDirectory, dataRoot),
    ),
    ...added.flatMap((directory) =>
      projectPlaces(directory, directory, directory, dataRoot).map((one) => ({ ...one, kinds: ["skills"] as const })),
    ),
  ];
}

/** The places of one directory of a project; `inner` is its path within, `""` at the root. */
function projectPlaces(directory: string, inner: string, project: string, dataRoot: string): readonly LoosePlace[] {
  return ["plugsmith", "claude", "agents"].map((name) => ({
    origin: "project",
    label: inner === "" ? name : `${name}:${inner}`,
    directory: join(directory, `.${name}`),
    kinds: name === "agents" ? ["skills"] : LOOSE_KINDS,
    within: project,
    dataRoot,
  }));
}

/** The working directory and every one above it within the project, nearest first. */
function upwards({
  directory,
  projectDirectory,
}: LooseFoldersOptions["workspace"]): readonly { readonly directory: string; readonly inner: string }[] {
  const found: { readonly directory: string; readonly inner: string }[] = [];
  for (let at = directory; at !== projectDirectory; at = dirname(at)) {
    const inner = below(projectDirectory, at);
    if (inner === undefined) break;
    found.push({ directory: at, inner });
  }
  return [...found, { directory: projectDirectory, inner: "" }];
}

/** Which place wins a name: of agents and styles the project's over the person's, of the rest the person's (formats.md §4.4, §5.2). */
const RANKS: Readonly<Record<string, readonly string[]>> = {
  agent: ["managed", "project", "user"],
  "output-style": ["managed", "project", "user"],
};
const RANK = ["managed", "user", "project"];

/** Leaves out what a stronger place has too, with a finding. */
function strongest(plugins: readonly HostPlugin[]): readonly HostPlugin[] {
  const originOf = ({ info: { id } }: HostPlugin): string => id.slice(id.lastIndexOf("@") + 1);
  const owners = new Map<string, HostPlugin>();
  const rankOf = (kind: string, plugin: HostPlugin): number => (RANKS[kind] ?? RANK).indexOf(originOf(plugin));
  for (const plugin of plugins) {
    for (const contribution of plugin.manifest.contributions) {
      const key = keyOf(contribution);
      const owner = owners.get(key);
      if (owner === undefined || rankOf(contribution.kind, plugin) < rankOf(contribution.kind, owner))
        owners.set(key, plugin);
    }
  }
  return plugins.map((plugin) => {
    const lost: Diagnostic[] = [];
    const kept = plugin.manifest.contributions.filter((contribution) => {
      const owner = owners.get(keyOf(contribution));
      if (owner === plugin) return true;
      if (owner !== undefined) lost.push(shadowed(contribution, owner));
      return false;
    });
    if (lost.length === 0) return plugin;
    return {
      ...plugin,
      manifest: { ...plugin.manifest, contributions: kept },
      diagnostics: [...plugin.diagnostics, ...lost],
    };
  });
}

function keyOf(contribution: Contribution): string {
  const name = nameOf(contribution);
  const written = contribution.kind === "skill" ? contribution.fields["name"] : undefined;
  return `${contribution.kind} ${typeof written === "string" ? written : name}`;
}

function nameOf(contribution: Contribution): string {
  return contribution.kind === "hook" ? contribution.event : contribution.name;
}

function shadowed(contribution: Contribution, owner: HostPlugin): Diagnostic {
  return {
    code: "W_NAME_DOUBLE",
    severity: "warning",
    message: `${contribution.kind} \`${nameOf(contribution)}\` is not used: \`${owner.info.directory}\` has one of that name`,
    ...("file" in contribution && contribution.file !== undefined && { file: contribution.file }),
    hint: "rename one of them",
    dropped: contribution.kind,
  };
}

/** What a project's settings run waits for a person's trust. */
function held(plugin: HostPlugin, { trusted, projectDirectory }: LooseFoldersOptions["workspace"]): HostPlugin {
  if (trusted || !plugin.info.id.endsWith("@project")) return plugin;
  const message = `nobody trusts the project \`${projectDirectory}\``;
  return { ...plugin, held: { reason: "trust", message, hint: "look at its hooks and servers, then trust it" } };
}

function skillsOf({ info, manifest }: HostPlugin): readonly Contributed<SkillContribution>[] {
  return manifest.contributions.flatMap((value) =>
    value.kind === "skill" ? [{ plugin: info, name: value.name, value }] : [],
  );
}
