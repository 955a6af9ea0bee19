import { resolve } from "node:path";
import {
  fillPlaceholders,
  pluginVariables,
  type LspContribution,
  type PluginInfo,
  type Workspace,
} from "plugsmith/plugin-api";

/** A server with the plugin that brings it, ready to be started but for its secrets. */
export interface ServerConfig {
  readonly plugin: PluginInfo;
  readonly name: string;
  readonly contribution: LspContribution;
}

/** The options of a server that are acted on (formats.md §7.2); the reader has checked their shapes. */
export interface ServerOptions {
  readonly initializationOptions: unknown;
  readonly settings: unknown;
  readonly workspaceFolder: string | undefined;
  readonly startupTimeoutMs: number | undefined;
  readonly shutdownTimeoutMs: number;
  readonly restartOnCrash: boolean;
  readonly maxRestarts: number;
  readonly diagnostics: boolean;
}

const DEFAULT_RESTARTS = 3;
const DEFAULT_SHUTDOWN_MS = 2_000;

/** Reads the options of a server. */
export function serverOptions({ options }: LspContribution): ServerOptions {
  const number = (key: string): number | undefined => {
    const value = options[key];
    return typeof value === "number" ? value : undefined;
  };
  const folder = options["workspaceFolder"];
  return {
    initializationOptions: options["initializationOptions"],
    settings: options["settings"],
    workspaceFolder: typeof folder === "string" ? folder : undefined,
    startupTimeoutMs: number("startupTimeout"),
    shutdownTimeoutMs: number("shutdownTimeout") ?? DEFAULT_SHUTDOWN_MS,
    restartOnCrash: options["restartOnCrash"] !== false,
    maxRestarts: number("maxRestarts") ?? DEFAULT_RESTARTS,
    diagnostics: options["diagnostics"] !== false,
  };
}

/** What the placeholders of one plugin stand for. */
export interface Placeholders {
  readonly environment: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

/** The variables that processes of a plugin get, which are its placeholders too (formats.md §1.6). */
export function placeholdersOf(
  plugin: PluginInfo,
  workspace: Workspace,
  options: Readonly<Record<string, string>>,
): Placeholders {
  return { environment: pluginVariables(plugin, workspace), options };
}

/** Puts values in the place of `${…}`; what is not known stays as it stands. */
export function filled(text: string, { environment, options }: Placeholders, workspace: Workspace): string {
  const variables = { ...workspace.environment, ...environment };
  return fillPlaceholders(text, { options, variables, defaults: true });
}

/** The folder that a server works in, absolute. */
export function workspaceFolderOf(
  { workspaceFolder }: ServerOptions,
  placeholders: Placeholders,
  workspace: Workspace,
): string {
  if (workspaceFolder === undefined) return workspace.projectDirectory;
  return resolve(workspace.projectDirectory, filled(workspaceFolder, placeholders, workspace));
}
