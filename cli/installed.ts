import { realpathSync } from "node:fs";
import { enabledSet, type SessionPlugin } from "../core/discover/enabled-set.ts";
import type { Diagnostic } from "../schemas/diagnostic.ts";
import { CodedError } from "../schemas/errors.ts";
import type { Generation } from "../schemas/generation.ts";
import { readCurrent } from "../marketplace/generations/generations.ts";
import type { Target } from "../marketplace/install/change.ts";
import type { VerbContext } from "./context.ts";
import { homeOf } from "./home.ts";

/** What is installed, seen from one directory. */
export interface InstalledHere {
  readonly generation: Generation | undefined;
  /** Of the project here and of the user, or of `--scope` only. */
  readonly plugins: readonly SessionPlugin[];
  /** Damage of state files. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the current generation as a session started here would see it. */
export async function installedHere(context: VerbContext): Promise<InstalledHere> {
  const diagnostics: Diagnostic[] = [];
  const generation = readCurrent(homeOf(context.environment), (diagnostic) => diagnostics.push(diagnostic));
  if (generation === undefined) return { generation, plugins: [], diagnostics };
  const { scope } = context.options;
  const all = await enabledSet(generation, realpathSync(context.cwd));
  return {
    generation,
    plugins: scope === undefined ? all : all.filter(({ plugin }) => plugin.scope === scope),
    diagnostics,
  };
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
  installed: readonly SessionPlugin[],
): Promise<readonly SessionPlugin[]> {
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
export function targetHolding(found: readonly (readonly SessionPlugin[])[]): Target {
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

function severalScopes(id: string, places: readonly SessionPlugin[]): CodedError {
  const scopes = places.map(({ plugin }) => plugin.scope);
  return new CodedError("E_AMBIGUOUS", `\`${id}\` is installed in more than one scope: ${scopes.join(", ")}`, {
    hint: `say which one, for example \`--scope ${scopes[0] ?? "user"}\``,
  });
}
