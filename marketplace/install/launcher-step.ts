import type { GenerationPlugin, InstalledLauncher } from "../../schemas/generation.ts";
import { type CodedError, isCodedError } from "../../schemas/errors.ts";
import { launcherKey, type LockedPackages } from "../../schemas/launchers/launcher-lock.ts";
import { launcherFindings, launcherStates } from "../../schemas/launchers/launcher-state.ts";
import { launcherProgram } from "../../schemas/launchers/start-locked.ts";
import { type BuiltLauncher, installLaunchers } from "../launchers/install-launchers.ts";
import { lockableCalls } from "../launchers/lock-launchers.ts";
import { failed, installedLauncher } from "../launchers/stored-launchers.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import type { Plan } from "../plan/plan.ts";
import type { Services } from "../services.ts";
import type { Staging } from "../store/staging.ts";
import type { Change } from "./change.ts";
import type { ResolvedRoot } from "./resolve-root.ts";
import type { RootState } from "./root-state.ts";

/** The locked launchers whose packages a verb has to fetch, by `launcherKey`, and the plugins that start them. */
export interface LaunchersToFetch {
  readonly launchers: ReadonlyMap<string, LockedPackages>;
  readonly ids: ReadonlySet<string>;
}

/** Finds the launchers that a verb gets: of plugins that are on, and arrive, were named, or are all gone through. */
export function launchersToFetch(
  { plugins, inspected, launchers }: ResolvedRoot,
  { installed }: RootState,
  { change }: { readonly change: Change },
  asked: ReadonlySet<string>,
): LaunchersToFetch {
  const all = change.verb === "sync" || change.verb === "update";
  const wanted = new Map<string, LockedPackages>();
  const ids = new Set<string>();
  for (const plugin of plugins) {
    const own = inspected.get(plugin.id);
    if (own === undefined || !plugin.enabled) continue;
    const old = installed.get(plugin.id);
    for (const call of lockableCalls(own)) {
      const locked = launchers.locked.get(launcherKey(call));
      const [program, isAsked] = [launcherProgram(call), all || asked.has(plugin.id)];
      if (locked === undefined || "image" in locked || !isMissing(plugin.launchers?.[program])) continue;
      // What failed before is not tried again by every verb.
      if (!isAsked && old?.enabled === true && old.tree === plugin.tree && isMissing(old.launchers?.[program]))
        continue;
      wanted.set(launcherKey(call), locked);
      ids.add(plugin.id);
    }
  }
  return { launchers: wanted, ids };
}

function isMissing(launcher: InstalledLauncher | undefined): boolean {
  return launcher !== undefined && "problem" in launcher && launcher.locked;
}

/** Fetches them and says where each plugin stands now; a failure is told to the person and is no reason to stop. */
export async function withLaunchers(
  plugins: readonly GenerationPlugin[],
  { launchers }: LaunchersToFetch,
  resolved: ResolvedRoot,
  { services, staging }: { readonly services: Services; readonly staging: () => Staging },
): Promise<{
  readonly plugins: readonly GenerationPlugin[];
  readonly findings: Plan["diagnostics"];
  /** Ids of those that have something of theirs now. */
  readonly fetched: readonly string[];
}> {
  if (launchers.size === 0) return { plugins, findings: [], fetched: [] };
  const built = await installLaunchers(launchers, { services, staging });
  const [findings, fetched]: [Plan["diagnostics"][number][], string[]] = [[], []];
  const next = plugins.map((plugin) => {
    const own = resolved.inspected.get(plugin.id);
    if (own === undefined || plugin.launchers === undefined) return plugin;
    const fresh = freshLaunchers(own, built, launchers);
    if (fresh.length === 0) return plugin;
    const changed = { ...plugin, launchers: { ...plugin.launchers, ...Object.fromEntries(fresh) } };
    if (!plugin.enabled) return changed;
    if (fresh.some(([, launcher]) => "tree" in launcher)) fetched.push(plugin.id);
    for (const finding of launcherFindings(launcherStates(own.manifest, changed)))
      findings.push({ ...finding, id: plugin.id });
    return changed;
  });
  for (const { id, message, hint } of findings)
    services.remark(`\`${id ?? ""}\`: ${message}${hint === undefined ? "" : `; ${hint}`}`);
  return { plugins: next, findings, fetched };
}

function freshLaunchers(
  plugin: InspectedPlugin,
  built: ReadonlyMap<string, BuiltLauncher | CodedError>,
  wanted: LaunchersToFetch["launchers"],
): readonly (readonly [program: string, InstalledLauncher])[] {
  return lockableCalls(plugin).flatMap((call) => {
    const key = launcherKey(call);
    const [one, locked] = [built.get(key), wanted.get(key)];
    if (one === undefined || locked === undefined || call.kind === "image") return [];
    const launcher = isCodedError(one) ? failed(one, true) : installedLauncher(call, locked, one, one.directory);
    return [[launcherProgram(call), launcher] as const];
  });
}
