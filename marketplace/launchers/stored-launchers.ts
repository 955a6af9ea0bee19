import { type CodedError, isCodedError } from "../../schemas/errors.ts";
import type { GenerationPlugin, InstalledLauncher } from "../../schemas/generation.ts";
import type { LauncherCall } from "../../schemas/launchers/launcher-call.ts";
import { lockedLauncherDigest } from "../../schemas/launchers/launcher-closure.ts";
import { launcherKey, type LockedPackages } from "../../schemas/launchers/launcher-lock.ts";
import { launcherProgram } from "../../schemas/launchers/start-locked.ts";
import { hostPlatform, platformName } from "../packages/host-platform.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import type { PackagedTree } from "../store/packaged-record.ts";
import type { Store } from "../store/store.ts";
import { lockableCalls, type LockedLaunchers } from "./lock-launchers.ts";
import { namedPackages, programIn } from "./launcher-program.ts";

/** What a launcher's packages are until somebody tried to get them. */
const NOT_YET = "its packages were not fetched yet";

/** The launchers of a plugin as the store has them; `undefined` when it has none that could be locked. */
export function storedLaunchers(
  plugin: InspectedPlugin,
  { locked, problems }: LockedLaunchers,
  old: GenerationPlugin | undefined,
  { store, thorough }: { readonly store: Store; readonly thorough: boolean },
): GenerationPlugin["launchers"] {
  const calls = lockableCalls(plugin);
  if (calls.length === 0) return undefined;
  const launchers = calls.map((call): readonly [string, InstalledLauncher] => {
    const [key, program] = [launcherKey(call), launcherProgram(call)];
    const own = locked.get(key);
    if (own === undefined) return [program, { problem: "it was not locked", ...problems.get(key), locked: false }];
    // No image is fetched: the container engine does that at the first start.
    if ("image" in own) return [program, { image: own.image }];
    const built = store.packagedTree(lockedLauncherDigest(own), platformName(hostPlatform()));
    if (
      call.kind === "call" &&
      built !== undefined &&
      store.has(built.tree) &&
      (!thorough || store.verify(built.tree).ok)
    )
      return [program, installedLauncher(call, own, built, store.directory(built.tree))];
    const past = old?.launchers?.[program];
    const isPast = past !== undefined && "problem" in past && past.locked;
    return [program, isPast ? past : { problem: NOT_YET, locked: true }];
  });
  return Object.fromEntries(launchers.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** One launcher whose packages are in a tree: what is started, or why nothing can be, and then it runs as it did before. */
export function installedLauncher(
  call: LauncherCall,
  locked: LockedPackages,
  { tree, count }: PackagedTree,
  directory: string,
): InstalledLauncher {
  try {
    const { path, node } = programIn(directory, call, locked);
    const packages = namedPackages(call, locked).map(({ name, version }) => `${name}@${version}`);
    return { tree, program: path, node, packages, count };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return failed(error, false);
  }
}

/** A launcher that cannot be had. */
export function failed({ message, hint }: CodedError, locked: boolean): InstalledLauncher {
  return { problem: message, ...(hint === undefined ? {} : { hint }), locked };
}
