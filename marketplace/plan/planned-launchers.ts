import type { GenerationPlugin, InstalledLauncher } from "../../schemas/generation.ts";
import { fullImage } from "../../schemas/launchers/image-reference.ts";
import { launcherKey, type LockedLauncher } from "../../schemas/launchers/launcher-lock.ts";
import { launcherUses } from "../../schemas/launchers/launcher-uses.ts";
import type { LockableCall } from "../../schemas/launchers/read-start.ts";
import { launcherProgram } from "../../schemas/launchers/start-locked.ts";
import { lockableCalls } from "../launchers/lock-launchers.ts";
import { namedPackages } from "../launchers/launcher-program.ts";
import type { InspectedPlugin } from "./inspected.ts";
import type { PlanExecutable, PlanLauncher } from "./plan.ts";

/** What a plan needs to know of launchers. */
export interface LauncherInput {
  readonly before: ReadonlyMap<string, GenerationPlugin>;
  readonly inspected: ReadonlyMap<string, InspectedPlugin>;
  readonly lockedLaunchers: ReadonlyMap<string, LockedLauncher>;
}

/** The launchers of a plugin, when it arrives or they are locked to something else than before. */
export function plannedLaunchers(plugin: GenerationPlugin, input: LauncherInput): readonly PlanLauncher[] {
  const details = input.inspected.get(plugin.id);
  if (details === undefined || !plugin.enabled) return [];
  const old = input.before.get(plugin.id);
  const isSame = old !== undefined && old.tree === plugin.tree && old.manifest === plugin.manifest && old.enabled;
  if (isSame && old.consent === plugin.consent) return [];
  return launcherUses(details.manifest).map(({ component, call }): PlanLauncher => {
    const own = { id: plugin.id, component };
    if (call.kind === "refused") return { ...own, unlocked: call.reason };
    if (call.kind === "image" && call.image.digest !== undefined)
      return { ...own, image: fullImage(call.image, call.image.digest) };
    const locked = input.lockedLaunchers.get(launcherKey(call));
    const installed = plugin.launchers?.[launcherProgram(call)];
    if (installed !== undefined && "problem" in installed && !installed.locked)
      return { ...own, unlocked: installed.problem };
    if (locked === undefined) return { ...own, unlocked: "it was not locked" };
    const past = old?.launchers?.[launcherProgram(call)];
    if (call.kind === "image" || "image" in locked) return { ...own, ...plannedImage(call, locked, past) };
    const packages = namedPackages(call, locked).map(({ name, version }) => `${name}@${version}`);
    const before =
      past !== undefined && "tree" in past && past.packages.join() !== packages.join() ? past.packages : undefined;
    return { ...own, packages, ...(before === undefined ? {} : { before }), count: locked.packages.length };
  });
}

function plannedImage(
  call: LockableCall,
  locked: LockedLauncher,
  past: InstalledLauncher | undefined,
): Pick<PlanLauncher, "image" | "before"> {
  if (call.kind !== "image" || !("image" in locked)) return {};
  const isOther = past !== undefined && "image" in past && past.image !== locked.image;
  return { image: fullImage(call.image, locked.image), ...(isOther ? { before: [past.image] } : {}) };
}

/** What the launchers of a plugin start, as consent shows it beside the commands. */
export function launcherExecutables(
  id: string,
  plugin: InspectedPlugin,
  launchers: LauncherInput["lockedLaunchers"],
): readonly PlanExecutable[] {
  const calls = new Map(lockableCalls(plugin).map((call) => [launcherKey(call), call]));
  return [...calls].flatMap(([key, call]) => {
    const locked = launchers.get(key);
    if (locked === undefined) return [];
    if ("image" in locked) return [{ id, kind: "launcher", name: key, display: `locked to the image ${locked.image}` }];
    if (call.kind === "image") return [];
    const named = namedPackages(call, locked);
    const names = named.map(({ name, version }) => `${name}@${version}`).join(", ");
    const rest = locked.packages.length - named.length;
    const others = rest === 0 ? "" : rest === 1 ? " and 1 more package" : ` and ${String(rest)} more packages`;
    return [{ id, kind: "launcher", name: key, display: `locked to ${names}${others}` }];
  });
}
