import * as nodeModule from "node:module";

/** What the Node that runs this process knows, and so does the same Node as a plugin's process. */
export interface NodeFeatures {
  /** The permission model, and hooks of the module loader (22.15, 23.5). */
  readonly isolates: boolean;
  /** Whether the permission model knows the network (25). */
  readonly limitsNetwork: boolean;
  /** Flags beyond those of the first Node that isolates. */
  readonly flags: ReadonlySet<string>;
  readonly version: string;
}

const OPTIONAL_FLAGS: readonly string[] = ["--no-experimental-sqlite", "--no-experimental-ffi", "--disable-sigusr1"];

/** Asks the running Node. */
export function nodeFeatures(): NodeFeatures {
  const known = process.allowedNodeEnvironmentFlags;
  return {
    isolates: typeof nodeModule.registerHooks === "function" && known.has("--permission"),
    limitsNetwork: known.has("--allow-net"),
    flags: new Set(OPTIONAL_FLAGS.filter((flag) => known.has(flag))),
    version: process.version,
  };
}
