import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { PluginInfo } from "../plugin-info.ts";
import { defineService, type Service } from "../service.ts";

/** One plugin of the session as the boot tree knows it. */
export interface LoadedPlugin {
  readonly plugin: PluginInfo;
  readonly manifest: PluginManifest;
  /** Values of its `userConfig`, defaults included, secrets not; what `${user_config.KEY}` stands for in its components. */
  readonly options: Readonly<Record<string, unknown>>;
  /**
   * What tools of its MCP servers are locked to in `plugins.lock`: server → tool → `sha256-` and the hexadecimal digest of
   * `toolSurface`. Whoever offers such tools keeps one off that says something else, until a person said yes; a tool that
   * is not named is not locked.
   */
  readonly lockedTools: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly state: "discovered" | "resolved" | "loaded" | "activated" | "disposed" | "held" | "failed";
}

/** What the host loads. */
export interface Plugins {
  all(): readonly LoadedPlugin[];
  /** Called after plugins came, went or changed. */
  onChange(listener: () => void): { dispose(): void };
}

/** Provided by core. */
export const pluginsService: Service<Plugins> = defineService("plugsmith/plugins");
