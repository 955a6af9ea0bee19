import type { Generation, GenerationPlugin, RootClosure } from "../../schemas/generation.ts";
import type { Digest } from "../../schemas/lockfile.ts";
import { canonicalJson } from "../../schemas/canonical-json.ts";

/** A set of plugins that can be tried out. */
export interface TrialState {
  /** What it is called, e.g. `generation 3`. */
  readonly label: string;
  readonly roots: Readonly<Record<string, RootClosure>>;
  /** The tree of the version that it is about, where versions of one plugin are tried; other roots may have others of it. */
  readonly tried?: Digest | undefined;
}

/** One plugin that differs between two states; a side is absent where it is not there. */
export interface StateChange {
  readonly root: string;
  readonly id: string;
  readonly before?: GenerationPlugin | undefined;
  readonly after?: GenerationPlugin | undefined;
}

/** The states of generations, oldest first, without those in which nothing differs that is seen in these roots. */
export function generationStates(generations: readonly Generation[], roots: readonly string[]): readonly TrialState[] {
  const states: TrialState[] = [];
  for (const { number, roots: all } of generations) {
    const seen = Object.fromEntries(Object.entries(all).filter(([root]) => roots.includes(root)));
    const last = states.at(-1);
    const state = { label: `generation ${number}`, roots: seen };
    if (last === undefined || changesBetween(last, state).length > 0) states.push(state);
  }
  return states;
}

/** The plugins that differ; what others need stands before them, so that taking the first ones over breaks least. */
export function changesBetween(before: TrialState, after: TrialState): readonly StateChange[] {
  const [old, now] = [byKey(before), byKey(after)];
  const changes = [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((key): readonly StateChange[] => {
    const [was, is] = [old.get(key), now.get(key)];
    const shown = is ?? was;
    if (shown === undefined || runs(was?.plugin) === runs(is?.plugin)) return [];
    return [{ root: shown.root, id: shown.plugin.id, before: was?.plugin, after: is?.plugin }];
  });
  const ordered: StateChange[] = [];
  const visit = (change: StateChange, above: ReadonlySet<StateChange>): void => {
    if (ordered.includes(change) || above.has(change)) return;
    const needed = Object.keys(change.after?.dependencies ?? {});
    for (const other of changes) {
      if (other.root === change.root && needed.includes(other.id)) visit(other, new Set([...above, change]));
    }
    ordered.push(change);
  };
  for (const change of changes) visit(change, new Set());
  return ordered;
}

/** A state with some changes made. */
export function withChanges({ roots }: TrialState, changes: readonly StateChange[], label: string): TrialState {
  const next = new Map(Object.entries(roots));
  for (const { root, id, after } of changes) {
    const closure = next.get(root) ?? { lockDigest: "", plugins: [] };
    const others = closure.plugins.filter((plugin) => plugin.id !== id);
    const plugins = after === undefined ? others : [...others, after];
    next.set(root, { ...closure, plugins: plugins.toSorted((left, right) => (left.id < right.id ? -1 : 1)) });
  }
  return { label, roots: Object.fromEntries(next) };
}

function byKey({
  roots,
}: TrialState): ReadonlyMap<string, { readonly root: string; readonly plugin: GenerationPlugin }> {
  return new Map(
    Object.entries(roots).flatMap(([root, { plugins }]) =>
      plugins.map((plugin) => [`${root}\0${plugin.id}`, { root, plugin }] as const),
    ),
  );
}

/** What of a plugin can make a difference to what runs. */
function runs(plugin: GenerationPlugin | undefined): string {
  if (plugin === undefined) return "";
  const { version, tree, manifest, enabled, disabledComponents, packages } = plugin;
  return canonicalJson({ version, tree, manifest, enabled, disabledComponents, packages });
}
