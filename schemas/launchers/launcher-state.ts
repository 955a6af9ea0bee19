import type { Diagnostic } from "../diagnostic.ts";
import type { GenerationPlugin } from "../generation.ts";
import type { PluginManifest } from "../plugin-manifest.ts";
import { fullImage } from "./image-reference.ts";
import { launcherKey } from "./launcher-lock.ts";
import { launcherUses } from "./launcher-uses.ts";
import { launcherProgram, notStarted } from "./start-locked.ts";

/** How one command of a plugin starts what it downloads: from the store as locked, or unlocked and why. */
export type LauncherState = {
  /** Who starts it, e.g. ``MCP server `docs` ``. */
  readonly component: string;
} & (
  | {
      /** `name@version` of the packages that it names. */
      readonly locked: readonly string[];
      /** How many packages that is in all, on this machine. */
      readonly count: number;
    }
  /** The image in full, with the digest that it is locked to; the container engine keeps it. */
  | { readonly image: string }
  | {
      /** A clause such as `it starts a folder`. */
      readonly unlocked: string;
      readonly hint?: string | undefined;
    }
  /** Locked, and not started because it is not here. */
  | { readonly missing: string; readonly hint?: string | undefined }
);

/** What is known of each command of an installed plugin that downloads what it starts. */
export function launcherStates(
  manifest: Pick<PluginManifest, "contributions">,
  { launchers = {} }: Pick<GenerationPlugin, "launchers">,
): readonly LauncherState[] {
  return launcherUses(manifest).map(({ component, call }): LauncherState => {
    if (call.kind === "refused") return { component, unlocked: call.reason };
    if (call.kind === "image" && call.image.digest !== undefined)
      return { component, image: fullImage(call.image, call.image.digest) };
    const installed = launchers[launcherProgram(call)];
    if (installed === undefined)
      return { component, unlocked: `\`${launcherKey(call)}\` was not locked`, hint: "`plugin sync` locks it" };
    if ("problem" in installed) {
      const { problem, hint, locked } = installed;
      return locked ? { component, missing: problem, hint } : { component, unlocked: problem, hint };
    }
    if ("packages" in installed) return { component, locked: installed.packages, count: installed.count };
    return { component, image: call.kind === "image" ? fullImage(call.image, installed.image) : installed.image };
  });
}

/** What is to be said of the launchers of an installed plugin: nothing of those that run as they are locked. */
export function launcherFindings(states: readonly LauncherState[]): readonly Diagnostic[] {
  return states.flatMap((state): readonly Diagnostic[] => {
    if ("unlocked" in state) {
      const message = `${state.component} is unlocked, each start may run other code: ${state.unlocked}`;
      return [{ code: "I_LAUNCHER_UNLOCKED", severity: "info", message, hint: state.hint }];
    }
    if (!("missing" in state)) return [];
    return [notStarted({ component: state.component, problem: state.missing, hint: state.hint })];
  });
}
