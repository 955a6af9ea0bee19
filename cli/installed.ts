import type { Generation, GenerationPlugin, RootClosure } from "../schemas/generation.ts";
import { CodedError } from "../schemas/errors.ts";
import type { Target } from "../marketplace/install/change.ts";
import type { Scope } from "../marketplace/plan/plan.ts";
import { projectOf } from "./target.ts";

/** One root that a session started here would use. */
export interface VisibleRoot {
  /** `user` or the project's real path. */
  readonly key: string;
  readonly closure: RootClosure;
}

/** An installed plugin together with the root it is installed in. */
export interface InstalledPlugin {
  readonly root: string;
  readonly plugin: GenerationPlugin;
}

const USER_ROOT = "user";

/** The roots seen from a directory, nearest first: its project, then the user. `scope` keeps one of them. */
export function visibleRoots(
  generation: Generation | undefined,
  cwd: string,
  home: string,
  scope?: Scope,
): readonly VisibleRoot[] {
  if (generation === undefined) return [];
  const project = scope === "user" ? undefined : projectOf(cwd, home);
  const keys = [
    ...(project === undefined ? [] : [project]),
    ...(scope === undefined || scope === "user" ? [USER_ROOT] : []),
  ];
  return keys.flatMap((key) => {
    const closure = generation.roots[key];
    return closure === undefined ? [] : [{ key, closure }];
  });
}

/** Every plugin of these roots; `local` keeps a project's private picks, `project` its shared ones. */
export function installedIn(roots: readonly VisibleRoot[], scope?: Scope): readonly InstalledPlugin[] {
  return roots.flatMap(({ key, closure }) =>
    closure.plugins
      .filter((plugin) => scope === undefined || plugin.scope === scope)
      .map((plugin) => ({ root: key, plugin })),
  );
}

/** Splits a component off: `name@market:mcp/x` names `mcp/x` of `name@market`. */
export function splitComponent(word: string): { readonly name: string; readonly component: string | undefined } {
  const colon = word.indexOf(":");
  return colon < 0
    ? { name: word, component: undefined }
    : { name: word.slice(0, colon), component: word.slice(colon + 1) };
}

/**
 * What a person means by `name` or `name@market` among installed plugins: every root that has it, nearest first.
 * Throws `E_NOT_INSTALLED` for none, `E_AMBIGUOUS` when a bare name stands for several ids.
 */
export async function findInstalled(
  word: string,
  installed: readonly InstalledPlugin[],
): Promise<readonly InstalledPlugin[]> {
  const bare = !word.includes("@");
  const found = installed.filter(({ plugin }) => (bare ? plugin.id.startsWith(`${word}@`) : plugin.id === word));
  const ids = [...new Set(found.map(({ plugin }) => plugin.id))];
  if (ids.length > 1) {
    throw new CodedError("E_AMBIGUOUS", `\`${word}\` is ${ids.map((id) => `\`${id}\``).join(" or ")}`, {
      hint: `say which one, for example \`${ids[0] ?? ""}\``,
    });
  }
  if (found.length > 0) return found;
  const { nearest } = await import("../schemas/names.ts");
  const names = installed.flatMap(({ plugin }) =>
    bare ? [plugin.id.slice(0, plugin.id.lastIndexOf("@"))] : [plugin.id],
  );
  const guess = nearest(word, names);
  throw new CodedError("E_NOT_INSTALLED", `\`${word}\` is not installed`, {
    hint: guess === undefined ? "`plugin list` shows what is installed here" : `did you mean \`${guess}\`?`,
  });
}

/** Ids in one root: where a verb without `--scope` acts. Throws `E_AMBIGUOUS` when the words lie in several. */
export function targetHolding(found: readonly (readonly InstalledPlugin[])[]): Target {
  const scopes = new Map<string, Target>();
  for (const places of found) {
    const nearest = places[0];
    if (nearest === undefined) continue;
    const { scope } = nearest.plugin;
    if (places.length > 1) throw severalScopes(nearest.plugin.id, places);
    scopes.set(scope, scope === "user" ? { scope } : { scope, directory: nearest.root });
  }
  const [only, another] = [...scopes.values()];
  if (only === undefined) return { scope: "user" };
  if (another !== undefined) {
    throw new CodedError(
      "E_AMBIGUOUS",
      `these plugins are installed in different scopes: ${[...scopes.keys()].join(", ")}`,
      {
        hint: "change one scope at a time",
      },
    );
  }
  return only;
}

function severalScopes(id: string, places: readonly InstalledPlugin[]): CodedError {
  const scopes = places.map(({ plugin }) => plugin.scope);
  return new CodedError("E_AMBIGUOUS", `\`${id}\` is installed in more than one scope: ${scopes.join(", ")}`, {
    hint: `say which one, for example \`--scope ${scopes[0] ?? "user"}\``,
  });
}
