import type { Plugin } from "../plugin-api/plugin.ts";
import type { PluginInfo } from "../plugin-api/plugin-info.ts";
import type { Diagnostic } from "../schemas/diagnostic.ts";
import type { LockedTools } from "../schemas/locked-tools.ts";
import type { PluginManifest } from "../schemas/plugin-manifest.ts";
import type { HeldReason } from "./lifecycle.ts";

/** One enabled plugin as the host is given it. */
export interface HostPlugin {
  readonly info: PluginInfo;
  /** Equal for equal bytes, e.g. the digest of its tree; another one makes `reload` replace the plugin. */
  readonly revision: string;
  readonly manifest: PluginManifest;
  /** Ids of the plugins it depends on. */
  readonly dependencies: readonly string[];
  /** Components that a person disabled, as `<kind>/<name>`. */
  readonly disabledComponents: readonly string[];
  /** Values of its `userConfig`, without secrets. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What tools of its MCP servers are locked to; absent for none. */
  readonly lockedTools?: LockedTools | undefined;
  /**
   * Loads the code behind `plugsmith.entry`; absent for plugins that are only data. `crashed` may be called at any time after, once:
   * the plugin is then taken down and started again when it is next needed.
   */
  readonly load?: ((crashed: (error: unknown) => void) => Promise<Plugin>) | undefined;
  /** Policy, consent or trust keep it from being used. */
  readonly held?:
    { readonly reason: HeldReason; readonly message: string; readonly hint?: string | undefined } | undefined;
  readonly diagnostics: readonly Diagnostic[];
}
