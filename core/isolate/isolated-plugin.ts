import { AsyncLocalStorage } from "node:async_hooks";
import { mkdirSync, realpathSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import type { Plugin, PluginContext } from "../../plugin-api/plugin.ts";
import type { Audit } from "../../plugin-api/service-contracts.ts";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { Capabilities, Extension } from "../../schemas/plugsmith-extension.ts";
import { Border } from "./border.ts";
import { commonCapabilities } from "./capabilities.ts";
import { ChildLink } from "./child-link.ts";
import { childRuntime, type ChildRuntime } from "./child-runtime.ts";
import { isolationOf, type DegradedPolicy, type Isolation } from "./isolation.ts";
import { launchOf } from "./launch.ts";
import { CHILD_LIMITS, type ChildLimits } from "./limits.ts";
import type { Places } from "./places.ts";
import type { Sandbox } from "./sandbox.ts";

/** A plugin of somebody else, and what a person granted it. */
export interface IsolatedPluginOptions {
  readonly info: PluginInfo;
  /** As the manifest names it. */
  readonly entry: string;
  readonly extension: Extension;
  /** What a person granted; in force is what the manifest declares too. */
  readonly granted: Capabilities;
  /** Of the person; the plugin gets the variables it was granted. */
  readonly environment: Readonly<Record<string, string>>;
  readonly places: Places;
  /** What this machine can do, found once per host. */
  readonly sandbox: () => Promise<Sandbox>;
  /** What happens without a sandbox. */
  readonly degraded: DegradedPolicy;
  /** Whether an event is the gate of a guarded point. */
  readonly isGuardGate: (event: string) => boolean;
  /** The start of the process is recorded before it; absent where authors run their own code, to pack it. */
  readonly audit?: Pick<Audit, "append"> | undefined;
  readonly limits?: Partial<ChildLimits> | undefined;
  /** Default: the one that lies beside this file. */
  readonly runtime?: ChildRuntime | undefined;
}

/**
 * A plugin whose code runs in a process of its own, started by `activate` and ended with the plugin. Activation rejects with
 * `E_ISOLATION` when its grants cannot be held to here; `crashed` is called once when the process ends by itself.
 */
export function isolatedPlugin(options: IsolatedPluginOptions, crashed: (error: unknown) => void): Plugin {
  return { activate: (context) => activate(options, context, crashed) };
}

/** How a plugin would run here, and why: what the plan and the boot tree print. Nothing is started but the probe of the sandbox. */
export async function pluginIsolation(options: IsolatedPluginOptions): Promise<Isolation> {
  const { info, extension, granted, places, environment, degraded } = options;
  const capabilities = commonCapabilities(extension.capabilities, granted);
  return isolationOf({ info, capabilities, places, sandbox: await options.sandbox(), degraded, environment });
}

async function activate(
  options: IsolatedPluginOptions,
  context: PluginContext,
  crashed: (error: unknown) => void,
): Promise<void> {
  const { info, extension, places, environment } = options;
  const entry = entryOf(info, options.entry);
  const capabilities = commonCapabilities(extension.capabilities, options.granted);
  const sandbox = await options.sandbox();
  const isolation = await pluginIsolation(options);
  context.signal.throwIfAborted();
  if (isolation.mode === "refused") throw isolation.error;
  if (isolation.mode === "degraded") context.log.warn(`runs without a sandbox: ${isolation.open.join("; ")}`);
  // The permission model asks at start whether a path is a folder.
  mkdirSync(info.dataDirectory, { recursive: true });
  const limits = { ...CHILD_LIMITS, ...options.limits };
  const runtime = options.runtime ?? childRuntime();
  const launch = launchOf({ info, capabilities, places, sandbox, runtime, environment, limits });
  options.audit?.append({
    action: "process start",
    subject: info.id,
    outcome: "allowed",
    detail: { purpose: "code", entry: options.entry, mode: isolation.mode },
  });
  const link = new ChildLink({ plugin: info.id, launch, limits, log: context.log, crashed });
  // Registered first, so that it runs last: what the plugin added is gone by then.
  context.onDispose(() => link.end());
  const ownPoints = new Set(Object.keys(extension.points));
  // What the plugin asks while it is activated belongs to its activation, which nobody it asks may wait for.
  const activating = AsyncLocalStorage.snapshot();
  let activated = false;
  const within = <Result>(work: () => Result): Result => (activated ? work() : activating(work));
  // The border is what the link's handlers hold on to.
  void new Border({ context, link, limits, ownPoints, capabilities, isGuardGate: options.isGuardGate, within });
  link.open();
  const activation = { plugin: info, options: context.options, entry, modules: runtime.modules };
  // The host has a budget for activations.
  await link.request("activate", "activate", activation, { signal: context.signal, budgetMs: Infinity });
  activated = true;
  link.watch();
}

/** The absolute path of a plain JavaScript file inside the plugin's folder. */
function entryOf(info: PluginInfo, entry: string): string {
  const where = join(info.directory, entry);
  if (![".js", ".mjs"].includes(extname(entry))) {
    throw new CodedError("E_ISOLATION", `the entry \`${entry}\` of \`${info.id}\` is not plain JavaScript`, {
      hint: "compile it, and name the `.js` file in the manifest",
      where,
    });
  }
  let real: string;
  try {
    real = realpathSync(where);
  } catch (cause) {
    throw new CodedError("E_PLUGIN_FAILED", `the entry \`${entry}\` of \`${info.id}\` cannot be read`, {
      cause,
      where,
    });
  }
  const within = relative(realpathSync(info.directory), real);
  if (within.startsWith("..") || within.startsWith(sep)) {
    throw new CodedError("E_PATH_ESCAPE", `the entry \`${entry}\` of \`${info.id}\` lies outside its folder`, {
      where,
    });
  }
  return where;
}
