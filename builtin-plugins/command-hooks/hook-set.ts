import type {
  Contributed,
  HookContribution,
  PluginInfo,
  Plugins,
  PointReader,
  Session,
  Workspace,
} from "plugsmith/plugin-api";
import type { Hook } from "./hook.ts";

/** Under this key a session notes the skills whose hooks are live from then on. */
const SKILL_HOOKS = "plugsmith/skill-hooks";

/** Every hook that can run: those of plugins and loose folders, and in a session those of the skills that were invoked in it. */
export class HookSet {
  readonly #reader: PointReader<Contributed<HookContribution>>;
  readonly #plugins: Plugins;
  readonly #workspace: Pick<Workspace, "trusted">;
  #byEvent: ReadonlyMap<string, readonly Hook[]> | undefined;

  constructor(
    reader: PointReader<Contributed<HookContribution>>,
    plugins: Plugins,
    workspace: Pick<Workspace, "trusted">,
  ) {
    this.#reader = reader;
    this.#plugins = plugins;
    this.#workspace = workspace;
    reader.onChange(() => {
      this.#byEvent = undefined;
    });
  }

  /** The hooks of an event, by plugin, each plugin's in the order of its files. */
  of(event: string, session: Session | undefined): readonly Hook[] {
    this.#byEvent ??= grouped(this.#reader.all());
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
    return this.#workspace.trusted || tier !== "loose" || !id.endsWith("@project");
  }

  #skillHooks(notes: readonly unknown[], event: string): readonly Hook[] {
    const live = new Set(notes.map((note) => JSON.stringify(note)));
    return [...live].flatMap((text) => {
      const { plugin: id, skill: name } = JSON.parse(text) as { readonly plugin?: unknown; readonly skill?: unknown };
      const loaded = this.#plugins.all().find(({ plugin }) => plugin.id === id);
      const skill = loaded?.manifest.contributions.find((one) => one.kind === "skill" && one.name === name);
      if (loaded === undefined || skill?.kind !== "skill" || !this.#isTrusted(loaded.plugin)) return [];
      return (skill.hooks ?? [])
        .filter((contribution) => contribution.event === event)
        .map((contribution) => ({ plugin: loaded.plugin, contribution, skill: skill.name }));
    });
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
