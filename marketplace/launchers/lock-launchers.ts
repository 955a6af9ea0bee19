import { isCodedError } from "../../schemas/errors.ts";
import type { GenerationPlugin } from "../../schemas/generation.ts";
import { type LockedLauncher, launcherKey, readLauncherRecords } from "../../schemas/launchers/launcher-lock.ts";
import { launcherUses } from "../../schemas/launchers/launcher-uses.ts";
import type { LockableCall } from "../../schemas/launchers/read-start.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import type { PackageRelease } from "../packages/packument.ts";
import type { Services } from "../services.ts";
import type { LauncherRegistry } from "./resolve-launcher.ts";

/** What locking launchers works with. */
export interface LockLaunchersOptions {
  readonly services: Services;
  /** What the lock of the root has. */
  readonly known: Readonly<Record<string, LockedLauncher>>;
  readonly installed: ReadonlyMap<string, GenerationPlugin>;
  /** Whether nothing may be asked for. */
  readonly frozen: boolean;
  /** Whether what could not be locked before is tried again for every plugin. */
  readonly retry: boolean;
  /** Plugins whose lock is not binding. */
  readonly unlocked: ReadonlySet<string>;
  readonly asked: ReadonlySet<string>;
}

/** Why a launcher could not be locked. */
export interface UnlockedLauncher {
  readonly problem: string;
  readonly hint?: string | undefined;
}

/** What the launchers of a set of plugins are locked to, by `launcherKey`. */
export interface LockedLaunchers {
  readonly locked: ReadonlyMap<string, LockedLauncher>;
  readonly problems: ReadonlyMap<string, UnlockedLauncher>;
  /** Remarks for the person. */
  readonly notes: readonly string[];
}

const TIMEOUT_MS = 90_000;
const NONE: LockedLaunchers = { locked: new Map(), problems: new Map(), notes: [] };

/** The commands of a plugin that can be locked; one that itself pins its image needs no lock. */
export function lockableCalls({ manifest }: Pick<InspectedPlugin, "manifest">): readonly LockableCall[] {
  return launcherUses(manifest).flatMap(({ call }) =>
    call.kind === "call" || (call.kind === "image" && call.image.digest === undefined) ? [call] : [],
  );
}

/**
 * Locks what the commands of plugins download and start: as the lock has it, else what registries offer now. What cannot be locked is no
 * reason to stop, only said. Nothing is loaded or asked where no plugin has such a command.
 */
export async function lockLaunchers(
  plugins: ReadonlyMap<string, InspectedPlugin>,
  options: LockLaunchersOptions,
): Promise<LockedLaunchers> {
  const users = new Map<string, { readonly call: LockableCall; readonly ids: string[] }>();
  for (const plugin of plugins.values()) {
    for (const call of lockableCalls(plugin)) {
      const key = launcherKey(call);
      const user = users.get(key);
      if (user === undefined) users.set(key, { call, ids: [plugin.id] });
      else user.ids.push(plugin.id);
    }
  }
  if (users.size === 0) return NONE;
  const known = knownLaunchers(options);
  const locked = new Map<string, LockedLauncher>();
  const problems = new Map<string, UnlockedLauncher>();
  const notes: string[] = [];
  for (const [key, { call, ids }] of [...users].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const old = known[key];
    const isMoving = ids.some((id) => options.unlocked.has(id));
    if (old !== undefined && (options.frozen || !isMoving)) locked.set(key, old);
    else if (options.frozen) problems.set(key, { problem: `the lock does not have \`${key}\`` });
    else if (old === undefined && !ids.some((id) => isTried(id, plugins, options)))
      problems.set(key, pastProblem(key, ids, options) ?? { problem: `\`${key}\` was not locked` });
    else {
      const found = await resolve(key, call, options.services);
      if (!("problem" in found)) locked.set(key, found);
      else if (old === undefined) problems.set(key, found);
      else {
        locked.set(key, old);
        notes.push(`\`${key}\` stays as it is locked: ${found.problem}`);
      }
    }
  }
  return { locked, problems, notes };
}

/** Whether a verb tries to lock what the lock has not: for plugins that it is about or that arrive. */
function isTried(
  id: string,
  plugins: ReadonlyMap<string, InspectedPlugin>,
  { installed, retry, asked, unlocked }: LockLaunchersOptions,
): boolean {
  const [old, next] = [installed.get(id), plugins.get(id)];
  const isNew = old === undefined || old.tree !== next?.tree || old.manifest !== next.manifestDigest;
  return isNew || retry || asked.has(id) || unlocked.has(id);
}

function pastProblem(
  key: string,
  ids: readonly string[],
  { installed }: LockLaunchersOptions,
): UnlockedLauncher | undefined {
  for (const id of ids) {
    const entries = Object.entries(installed.get(id)?.launchers ?? {});
    const [, past] = entries.find(([program]) => program === key || program.startsWith(`${key} > `)) ?? [];
    if (past !== undefined && "problem" in past && !past.locked) return { problem: past.problem, hint: past.hint };
  }
  return undefined;
}

/** What the launchers of a root are locked to, by `launcherKey`: those of private picks stand in the generation alone. */
export function knownLaunchers({
  known,
  installed,
}: Pick<LockLaunchersOptions, "known" | "installed">): Readonly<Record<string, LockedLauncher>> {
  const all = [...installed.values()].map(({ lockedLaunchers }) => lockedLaunchers ?? {});
  return { ...readLauncherRecords(Object.assign({}, ...all)), ...known };
}

async function resolve(
  key: string,
  call: LockableCall,
  services: Services,
): Promise<LockedLauncher | UnlockedLauncher> {
  const { signal, progress } = services;
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  progress(`locking what \`${key}\` needs`);
  const both = AbortSignal.any([signal, deadline]);
  try {
    if (call.kind === "image") return { image: await services.images.digestOf(call.image, both) };
    const { resolveLauncher } = await import("./resolve-launcher.ts");
    return await resolveLauncher(call.packages, launcherRegistry(services, both));
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted)
      return { problem: `what \`${key}\` needs was not found out within ${String(TIMEOUT_MS / 1_000)} seconds` };
    if (!isCodedError(error) || error.code === "E_INTERRUPTED" || error.code === "E_IO") throw error;
    const { message, hint } = error;
    return { problem: message, ...(hint === undefined ? {} : { hint }) };
  }
}

/** The registries of a person, and which of their releases policy admits for what is started. */
export function launcherRegistry({ packages, minimumAge, now }: Services, signal: AbortSignal): LauncherRegistry {
  const minimum = minimumAge();
  const isEligible = ({ publishedAt }: PackageRelease): boolean =>
    minimum === undefined || (publishedAt !== undefined && Date.parse(publishedAt) + minimum.ms <= now().getTime());
  const document: LauncherRegistry["document"] = async (name) => (await packages.document(name, undefined)).packument;
  return { document, isEligible, signal };
}
