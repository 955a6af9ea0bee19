import { isolatedPlugin } from "../../core/isolate/isolated-plugin.ts";
import { sandboxProbe } from "../../core/isolate/sandbox-probe.ts";
import type { Plugin } from "../../plugin-api/plugin.ts";
import type { Audit } from "../../plugin-api/service-contracts.ts";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import type { Workspace } from "../../plugin-api/services/workspace.ts";
import { readExtension } from "../../schemas/plugsmith-extension.ts";
import type { ForeignCode } from "./session-plugins.ts";

/** What code that is not ours is run with. */
export interface ForeignLoaderOptions {
  readonly workspace: Workspace;
  readonly isGuardGate: (event: string) => boolean;
  /** Throws when its files may not be executed. */
  readonly requireSound: (plugin: PluginInfo) => void;
  readonly audit: Audit;
}

/**
 * Runs the code of each plugin in a process of its own. What it declares is what it is granted: a person said yes to its closure,
 * which holds the declaration, or named its folder for this run.
 */
export function foreignLoader({
  workspace,
  isGuardGate,
  requireSound,
  audit,
}: ForeignLoaderOptions): (code: ForeignCode, crashed: (error: unknown) => void) => Promise<Plugin> {
  const sandbox = sandboxProbe(workspace.environment);
  return async ({ info, manifest, entry }, crashed) => {
    requireSound(info);
    const extension = readExtension(manifest.plugsmith, info.id).value;
    return isolatedPlugin(
      {
        info,
        entry,
        extension,
        granted: extension.capabilities,
        environment: workspace.environment,
        places: workspace,
        sandbox,
        degraded: "refuse",
        isGuardGate,
        audit,
      },
      crashed,
    );
  };
}
