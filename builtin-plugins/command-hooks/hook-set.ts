import type {
  Contributed,
  HookContribution,
  LooseFolders,
  PluginInfo,
  Plugins,
  PointReader,
  Session,
  SkillContribution,
  Workspace,
} from "plugsmith/plugin-api";
import type { Hook } from "./hook.ts";

/** Under this key a session notes the skills whose hooks are live from then on. */
const SKILL_HOOKS = "plugsmith/skill-hooks";

/** Where hooks are found. */
export interface HookSources {
  readonly reader: PointReader<Contributed<HookContribution>>;
  readonly plugins: Plugins;
  readonly workspace: Pick<Workspace, "trusted">;
  /** Skills of folders below the project, which no plugin of the host holds. */
  readonly folders: LooseFolders | undefined;
}

/** A skill with the plugin that brings it. */
type FoundSkill = Pick<Contributed<SkillContribution>, "plugin" | "value">;

/** Every hook that can run: those of plugins and loose folders, and in a session those of the skills that were invoked in it. */
export class HookSet {
  readonly #sources: HookSources;
  /** Skills of folders below the project, as they were when their hooks were first wanted. */
  readonly #nested = new Map<string, FoundSkill | undefined>();
  #byEvent: ReadonlyMap<string, readonly Hook[]> | undefined;

  constructor(sources: HookSources) {
    this.#sources = sources;
    sources.reader.onChange(() => {
      this.#byEvent = undefined;
    });
  }

  /** The hooks of an event, by plugin, each plugin's in the order of its files. */
  of(event: string, session: Session | undefined): readonly Hook[] {
    this.#byEvent ??= grouped(this.#sources.reader.all());
    const own = this.#byEvent.get(event) ?? [];
    const invoked = session?.notes(SKILL_HOOKS) ?? [];
    return invoked.length === 0 ? own : [...own, ...this.#skillHooks(invoked, event)];
  }

  /** The files of the working directory that matchers of `FileChanged` name (formats.md §6.2). */
  watchedNames(session: Session): readonly string[] {
    return this.of("FileChanged", session)
      .flatMap(({ contribution }) => contribution.matcher?.split("|") ?? [])
      .map((name) => name.trim())
      .filter((name) => name !== "");
  }

  /** A session may be resumed where nobody trusts the project any more. */
  #isTrusted({ tier, id }: PluginInfo): boolean {
    return this.#sources.workspace.trusted || tier !== "loose" || !id.endsWith("@project");
  }

  #skillHooks(notes: readonly unknown[], event: string): readonly Hook[] {
    const live = new Set(notes.map((note) => JSON.stringify(note)));
    return [...live].flatMap((note) => {
      const found = this.#skillOf(note);
      if (found === undefined || !this.#isTrusted(found.plugin)) return [];
      const { plugin, value } = found;
      return (value.hooks ?? [])
        .filter((contribution) => contribution.event === event)
        .map((contribution) => ({ plugin, contribution, skill: value.name }));
    });
  }

  #skillOf(note: string): FoundSkill | undefined {
    const noted = JSON.parse(note) as Readonly<Record<"plugin" | "skill" | "folder", unknown>>;
    if (typeof noted.folder === "string") {
      if (!this.#nested.has(note)) this.#nested.set(note, this.#nestedSkill(noted.folder, noted));
      return this.#nested.get(note);
    }
    const loaded = this.#sources.plugins.all().find(({ plugin }) => plugin.id === noted.plugin);
    const skill = loaded?.manifest.contributions.find((one) => one.kind === "skill" && one.name === noted.skill);
    return loaded === undefined || skill?.kind !== "skill" ? undefined : { plugin: loaded.plugin, value: skill };
  }

  #nestedSkill(folder: string, noted: Readonly<Record<"plugin" | "skill", unknown>>): FoundSkill | undefined {
    // Without a trusted project nothing of it runs, and whoever resumes a session may have moved it.
    if (!this.#sources.workspace.trusted) return undefined;
    return this.#sources.folders
      ?.skillsIn(folder)
      .find(({ plugin, value }) => plugin.id === noted.plugin && value.name === noted.skill);
  }
}

/** Hooks that settings files repeat run once; a plugin's own copy stays. */
function grouped(contributions: readonly Contributed<HookContribution>[]): ReadonlyMap<string, readonly Hook[]> {
  const groups = new Map<string, Hook[]>();
  const seen = new Set<string>();
  for (const { plugin, value } of contributions) {
    if (plugin.tier === "loose") {
      const { where: _where, ...rest } = value;
      const text = JSON.stringify(rest);
      if (seen.has(text)) continue;
      seen.add(text);
    }
    const group = groups.get(value.event) ?? [];
    group.push({ plugin, contribution: value });
    groups.set(value.event, group);
  }
  return groups;
}
