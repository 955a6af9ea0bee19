/** Where a plugin came from: shipped with the host, installed, given for one session, or loose folders of a person or project. */
export type PluginTier = "builtin" | "installed" | "session" | "loose";

/** What everybody may know of a plugin. */
export interface PluginInfo {
  /** `name@market`. */
  readonly id: string;
  /** Namespace of its components. */
  readonly name: string;
  readonly version: string;
  readonly tier: PluginTier;
  /** Absolute path of its files. */
  readonly directory: string;
  /** Absolute path of the folder that survives updates; created by whoever first needs it. */
  readonly dataDirectory: string;
}
