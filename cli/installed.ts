import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { enabledSet, type SessionPlugin } from "../core/discover/enabled-set.ts";
import type { Diagnostic } from "../schemas/diagnostic.ts";
import { CodedError, isCodedError } from "../schemas/errors.ts";
import type { Generation, GenerationPlugin } from "../schemas/generation.ts";
import type { ListedGeneration, ListedPlugin } from "../schemas/generation-list.ts";
import { readCurrentList } from "../marketplace/generations/current-list.ts";
import { readCurrent, type Report } from "../marketplace/generations/generations.ts";
import { needsRecovery } from "../marketplace/generations/recover.ts";
import type { Home } from "../marketplace/home.ts";
import type { Target } from "../marketplace/install/change.ts";
import { findProjectRoot } from "../marketplace/lock/project-root.ts";
import { staleLock } from "../marketplace/lock/stale-lock.ts";
import type { Scope } from "../marketplace/plan/plan.ts";
import type { VerbContext } from "./context.ts";
import { isBuiltin } from "./builtin-word.ts";
import { homeOf } from "./home.ts";

/** What is installed, seen from one directory. */
export interface InstalledHere<G extends ListedGeneration = Generation, P extends ListedPlugin = GenerationPlugin> {
  /** Of every scope, whatever `--scope` says. */
  readonly all: readonly SessionPlugin<P>[];
  readonly generation: G | undefined;
  /** Of the project here and of the user, or of `--scope` only. */
  readonly plugins: readonly SessionPlugin<P>[];
  /** Damage of state files (errors), and locks that were changed since (warnings). */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the current generation as a session started here would see it. */
export async function installedHere(context: VerbContext): Promise<InstalledHere> {
  return seenHere<Generation, GenerationPlugin>(context, readCurrent);
}

/** The same as far as a list for people shows it, from a tenth of the bytes. */
export async function listedHere(context: VerbContext): Promise<InstalledHere<ListedGeneration, ListedPlugin>> {
  return seenHere(context, (home, report) => readCurrentList(home) ?? readCurrent(home, report));
}

async function seenHere<
  G extends ListedGeneration & { readonly roots: Readonly<Record<string, { readonly plugins: readonly P[] }>> },
  P extends ListedPlugin,
>(context: VerbContext, read: (home: Home, report: Report) => G | undefined): Promise<InstalledHere<G, P>> {
  const diagnostics: Diagnostic[] = [];
  const home = homeOf(context.environment);
  if (needsRecovery(home)) await finishInterrupted(context, home, diagnostics);
  const generation = read(home, (diagnostic) => diagnostics.push(diagnostic));
  const { scope } = context.options;
  const directory = realpathSync(context.cwd);
  diagnostics.push(...(await staleLocks(home, generation, directory, scope)));
  if (generation === undefined) return { generation, all: [], plugins: [], diagnostics };
  const all = await enabledSet<P>(generation, directory);
  return {
    generation,
    all,
    plugins: scope === undefined ? all : all.filter(({ plugin }) => plugin.scope === scope),
    diagnostics,
  };
}

/** Says on stderr what a verb found wrong; programs read it in the document. */
export async function warnAbout(context: VerbContext, diagnostics: readonly Diagnostic[]): Promise<void> {
  if (diagnostics.length === 0 || context.options.json) return;
  const { diagnosticLines } = await import("./print/diagnostic-lines.ts");
  context.writer.err(diagnostics.flatMap((diagnostic) => diagnosticLines(diagnostic)));
}

/** A commit that was cut off is brought to its end first; where the home cannot be written, the state is shown as it is. */
async function finishInterrupted(context: VerbContext, home: Home, diagnostics: Diagnostic[]): Promise<void> {
  const { recover } = await import("../marketplace/generations/recover.ts");
  const { services, quiet } = await context.engine();
  try {
    diagnostics.push(...(await services.exclusively(() => recover(home))));
  } catch (error) {
    if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
    diagnostics.push({ code: error.code, severity: "warning", message: error.message, hint: error.hint });
  }
  quiet();
}

/** Roots visible here whose lock is not the one that their set was made from. */
async function staleLocks(
  home: Home,
  generation: ListedGeneration | undefined,
  directory: string,
  scope: Scope | undefined,
): Promise<readonly Diagnostic[]> {
  const project = scope === "user" ? undefined : findProjectRoot(directory, home);
  const locks = [
    ...(project === undefined ? [] : [{ root: project, lock: join(project, "plugins.lock") }]),
    ...((scope === undefined || scope === "user") && isYounger(home.lock, generation)
      ? [{ root: "user", lock: home.lock }]
      : []),
  ];
  const found = locks.map(({ root, lock }) => staleLock(home, root, lock, generation?.roots[root]?.lockDigest ?? ""));
  return (await Promise.all(found)).filter((diagnostic) => diagnostic !== undefined);
}

/** How long after its generation a commit may still be writing the lock. */
const COMMIT_MS = 10_000;

/**
 * Whether a lock was written after its generation. Nobody pulls the user's own lock, and hashing it at every `list`
 * would cost more than everything else there.
 */
function isYounger(lock: string, generation: ListedGeneration | undefined): boolean {
  const written = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  return generation === undefined || (written !== undefined && written > Date.parse(generation.createdAt) + COMMIT_MS);
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
  everywhere: readonly SessionPlugin[] = installed,
): Promise<readonly SessionPlugin[]> {
  const bare = !word.includes("@");
  const isMeant = ({ plugin }: SessionPlugin): boolean =>
    bare ? plugin.id.startsWith(`${word}@`) : plugin.id === word;
  const found = installed.filter(isMeant);
  const ids = [...new Set(found.map(({ plugin }) => plugin.id))];
  if (ids.length > 1) {
    throw new CodedError("E_AMBIGUOUS", `\`${word}\` is ${ids.map((id) => `\`${id}\``).join(" or ")}`, {
      hint: `say which one, for example \`${ids[0] ?? ""}\``,
    });
  }
  if (found.length > 0) return found;
  const elsewhere = everywhere.find(isMeant);
  if (elsewhere !== undefined) {
    const { scope } = elsewhere.plugin;
    throw new CodedError("E_NOT_INSTALLED", `\`${word}\` is not installed in this scope but in scope \`${scope}\``, {
      hint: `give \`--scope ${scope}\`, or no scope`,
    });
  }
  if (isBuiltin(word)) {
    throw new CodedError("E_NOT_INSTALLED", `\`${word}\` is part of Plugsmith and is not installed`, {
      hint: `\`plugin disable ${word}\` switches it off; \`plugsmith boot\` lists what is built in`,
    });
  }
  const { nearest } = await import("../schemas/names.ts");
  const names = installed.flatMap(({ plugin }) =>
    bare ? [plugin.id.slice(0, plugin.id.lastIndexOf("@"))] : [plugin.id],
  );
  const guess = nearest(word, names);
  throw new CodedError("E_NOT_INSTALLED", `\`${word}\` is not installed`, {
    hint:
      guess !== undefined
        ? `did you mean \`${guess}\`?`
        : installed.length === 0
          ? "nothing is installed here; a project's plugins are seen from inside the project only"
          : "`plugin list` shows what is installed here",
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
