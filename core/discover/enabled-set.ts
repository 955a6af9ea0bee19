import { dirname } from "node:path";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { GenerationPlugin } from "../../schemas/generation.ts";
import type { ListedPlugin } from "../../schemas/generation-list.ts";

/** One plugin that a session in some directory knows, and what becomes of it there. */
export interface SessionPlugin<P extends ListedPlugin = GenerationPlugin> {
  readonly plugin: P;
  /** `user`, or the real path of the project. */
  readonly root: string;
  readonly state:
    | { readonly kind: "on" }
    | { readonly kind: "disabled" }
    /** A nearer scope has the same id. */
    | { readonly kind: "shadowed"; readonly by: GenerationPlugin["scope"] }
    /** A plugin of the user that cannot work with what the project has. */
    | { readonly kind: "broken"; readonly diagnostic: Diagnostic };
}

const NEARNESS: Readonly<Record<GenerationPlugin["scope"], number>> = { local: 0, project: 1, user: 2 };

/** The roots of a generation, with what is known here of their plugins. */
interface Rooted<P extends ListedPlugin> {
  readonly roots: Readonly<Record<string, { readonly plugins: readonly P[] }>>;
}

/** The project that a directory lies in: the root of the generation that is nearest above it; `undefined` when there is none. */
export function projectRootOf(generation: Rooted<ListedPlugin>, directory: string): string | undefined {
  for (let path = directory; ; path = dirname(path)) {
    if (Object.hasOwn(generation.roots, path)) return path;
    if (path === dirname(path)) return undefined;
  }
}

/**
 * The plugins of a session in `directory` (a real path; `undefined`: outside every project): project and local over user, the
 * nearest scope wins an id, and a user plugin whose dependency the project replaced by an unfit version is off.
 * Sorted by id, for one id the nearest scope first.
 */
export async function enabledSet<P extends ListedPlugin>(
  generation: Rooted<P>,
  directory: string | undefined,
): Promise<readonly SessionPlugin<P>[]> {
  const project = directory === undefined ? undefined : projectRootOf(generation, directory);
  const candidates = [project, "user"].flatMap((root) =>
    root === undefined ? [] : (generation.roots[root]?.plugins ?? []).map((plugin) => ({ plugin, root })),
  );
  candidates.sort(
    (left, right) =>
      compare(left.plugin.id, right.plugin.id) || NEARNESS[left.plugin.scope] - NEARNESS[right.plugin.scope],
  );
  const winners = new Map<string, P>();
  for (const { plugin } of candidates) if (!winners.has(plugin.id)) winners.set(plugin.id, plugin);
  const broken = project === undefined ? new Map<string, Diagnostic>() : await findBroken(generation, winners);
  return candidates.map(({ plugin, root }) => ({ plugin, root, state: stateOf(plugin, winners, broken) }));
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function stateOf(
  plugin: ListedPlugin,
  winners: ReadonlyMap<string, ListedPlugin>,
  broken: ReadonlyMap<string, Diagnostic>,
): SessionPlugin["state"] {
  const winner = winners.get(plugin.id);
  if (winner !== undefined && winner !== plugin) return { kind: "shadowed", by: winner.scope };
  if (!plugin.enabled) return { kind: "disabled" };
  const diagnostic = broken.get(plugin.id);
  return diagnostic === undefined ? { kind: "on" } : { kind: "broken", diagnostic };
}

/** A user plugin is broken by an unfit dependency, or by one that is broken itself; found by going round until nothing changes. */
async function findBroken(
  generation: Rooted<ListedPlugin>,
  winners: ReadonlyMap<string, ListedPlugin>,
): Promise<ReadonlyMap<string, Diagnostic>> {
  const own = new Map((generation.roots["user"]?.plugins ?? []).map((plugin) => [plugin.id, plugin]));
  const suspects = [...own.values()].filter((plugin) => plugin.enabled && winners.get(plugin.id) === plugin);
  const broken = new Map<string, Diagnostic>();
  for (let before = -1; before !== broken.size;) {
    before = broken.size;
    for (const plugin of suspects) {
      if (broken.has(plugin.id)) continue;
      const reason = await reasonAgainst(plugin, own, winners, broken);
      if (reason !== undefined) broken.set(plugin.id, diagnosticOf(plugin, reason));
    }
  }
  return broken;
}

async function reasonAgainst(
  plugin: ListedPlugin,
  own: ReadonlyMap<string, ListedPlugin>,
  winners: ReadonlyMap<string, ListedPlugin>,
  broken: ReadonlyMap<string, Diagnostic>,
): Promise<string | undefined> {
  for (const [id, range] of Object.entries(plugin.dependencies)) {
    const winner = winners.get(id);
    const needs = `\`${plugin.id}\` needs \`${id}\`${range === "*" ? "" : ` \`${range}\``}`;
    if (winner === undefined) return `${needs}, which is not installed`;
    if (!winner.enabled) return `${needs}, which is disabled here`;
    if (broken.has(id)) return `${needs}, which is off here itself`;
    // The user's own closure was solved as a whole; only a version that comes from the project can be unfit.
    if (winner.scope === "user" || winner.version === own.get(id)?.version) continue;
    const { admits } = await import("./admits.ts");
    if (!admits(range, winner.version)) return `${needs}, and this project has \`${winner.version}\``;
  }
  return undefined;
}

function diagnosticOf(plugin: ListedPlugin, message: string): Diagnostic {
  return {
    code: "W_DEPENDENCY_SHADOWED",
    severity: "warning",
    message: `${message}; it is off in this project`,
    hint: `\`plugin add ${plugin.id} --scope project\` chooses a version that fits this project`,
    dropped: "plugin",
  };
}
