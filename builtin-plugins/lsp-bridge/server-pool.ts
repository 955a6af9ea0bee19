import { mkdirSync } from "node:fs";
import { messageOf, type Log, type PluginInfo, type Processes, type Workspace } from "plugsmith/plugin-api";
import type { Diagnostic } from "vscode-languageserver-protocol/node";
import { extensionOf, LanguageServer } from "./language-server.ts";
import {
  filled,
  placeholdersOf,
  serverOptions,
  workspaceFolderOf,
  type Placeholders,
  type ServerConfig,
} from "./server-config.ts";

/** What servers are started with. */
export interface PoolOptions {
  readonly processes: Processes;
  readonly workspace: Workspace;
  readonly log: Log;
  /** The part of the person's environment that the server of a plugin inherits. */
  readonly environmentOf: (plugin: PluginInfo) => Promise<Workspace["environment"]>;
  /** Every option of a plugin, secrets included, for its own server. Rejects where texts need one that has no value. */
  readonly optionsOf: (plugin: string, texts: readonly string[]) => Promise<Readonly<Record<string, string>>>;
}

/** Hears what servers push for a file. */
export type DiagnosticListener = (file: string, diagnostics: readonly Diagnostic[]) => void;

interface Slot {
  readonly config: ServerConfig;
  running: Promise<LanguageServer> | undefined;
  crashes: number;
  /** Why it is not started any more. */
  off: string | undefined;
}

/** The servers of a session: each is started by the first file of its language; one that crashes too often stays off. */
export class ServerPool {
  readonly #options: PoolOptions;
  readonly #slots = new Map<string, Slot>();
  readonly #byExtension = new Map<string, Slot>();
  readonly #listeners = new Set<DiagnosticListener>();
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Takes the servers that there are now: what went is stopped, what stays goes on. Returns what a person should know. */
  async configure(configs: readonly ServerConfig[]): Promise<readonly string[]> {
    const wanted = new Map(configs.map((config) => [keyOf(config), config]));
    const gone = [...this.#slots].filter(([key]) => !wanted.has(key));
    for (const [key] of gone) this.#slots.delete(key);
    for (const [key, config] of wanted) {
      if (!this.#slots.has(key)) this.#slots.set(key, { config, running: undefined, crashes: 0, off: undefined });
    }
    const remarks = this.#assignExtensions();
    await Promise.all(gone.map(([, slot]) => stopped(slot)));
    return remarks;
  }

  /** Calls back whenever a server pushes diagnostics. */
  onDiagnostics(listener: DiagnosticListener): void {
    this.#listeners.add(listener);
  }

  /** Whether diagnostics of a file are wanted after edits. */
  reports(file: string): boolean {
    const slot = this.#byExtension.get(extensionOf(file));
    return (
      this.#options.workspace.trusted &&
      slot !== undefined &&
      slot.off === undefined &&
      serverOptions(slot.config.contribution).diagnostics
    );
  }

  /** The running server of a file. Rejects with why there is none. */
  async serverFor(file: string): Promise<LanguageServer> {
    const extension = extensionOf(file);
    const slot = this.#byExtension.get(extension);
    if (slot === undefined)
      throw new Error(`no enabled plugin has a language server for \`${extension || file}\` files`);
    const running = slot.running === undefined ? undefined : await slot.running.catch(() => undefined);
    if (running !== undefined && running.closed === undefined) return running;
    if (running?.closed !== undefined) this.#crashed(slot, running.closed);
    if (this.#isClosed) throw new Error("the session is closing");
    if (slot.off !== undefined) throw new Error(slot.off);
    if (!this.#options.workspace.trusted) throw new Error(untrusted(slot.config, this.#options.workspace));
    slot.running = this.#start(slot);
    return slot.running;
  }

  /** Stops every server. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#slots.values()].map(stopped));
  }

  async #start(slot: Slot): Promise<LanguageServer> {
    const { config } = slot;
    const { processes, workspace, log, optionsOf } = this.#options;
    const { plugin, name, contribution } = config;
    const options = serverOptions(contribution);
    const inherited = await this.#options.environmentOf(plugin);
    try {
      const texts = [contribution.command, ...contribution.args, ...Object.values(contribution.env)];
      const values = await optionsOf(plugin.id, [...texts, options.workspaceFolder ?? ""]);
      const placeholders = placeholdersOf(plugin, workspace, values);
      const fill = (text: string): string => filled(text, placeholders, workspace);
      const folder = workspaceFolderOf(options, placeholders, workspace);
      // Promised to be there when a program asks for it (formats.md §1.6).
      mkdirSync(plugin.dataDirectory, { recursive: true, mode: 0o700 });
      return await LanguageServer.start({
        process: processes.start({
          plugin,
          purpose: `LSP server ${name}`,
          command: fill(contribution.command),
          args: contribution.args.map(fill),
          directory: folder,
          environment: { ...inherited, ...ownVariables(config, placeholders, workspace) },
          secrets: Object.values(placeholders.options),
        }),
        options,
        folder,
        languages: contribution.extensionToLanguage,
        log: (message) => log.debug(`LSP server ${name}: ${message}`),
        published: (file, diagnostics) => {
          for (const listener of this.#listeners) listener(file, diagnostics);
        },
      });
    } catch (error) {
      const why = messageOf(error);
      this.#crashed(slot, why);
      throw new Error(`the LSP server \`${name}\` of \`${plugin.id}\` could not be started: ${why}`, { cause: error });
    }
  }

  #crashed(slot: Slot, why: string): void {
    const { config } = slot;
    const { restartOnCrash, maxRestarts } = serverOptions(config.contribution);
    slot.running = undefined;
    slot.crashes += 1;
    const server = `the LSP server \`${config.name}\` of \`${config.plugin.id}\``;
    const isOff = !restartOnCrash || slot.crashes > maxRestarts;
    if (isOff) slot.off = `${server} is off for this session after ${failures(slot.crashes)}: ${why}`;
    this.#options.log.warn(slot.off ?? `${server} failed: ${why}`);
  }

  /** The first server of an extension serves it. */
  #assignExtensions(): readonly string[] {
    const remarks: string[] = [];
    this.#byExtension.clear();
    for (const slot of this.#slots.values()) {
      for (const extension of Object.keys(slot.config.contribution.extensionToLanguage)) {
        const key = extension.toLowerCase();
        const first = this.#byExtension.get(key);
        if (first === undefined) this.#byExtension.set(key, slot);
        else if (first !== slot) {
          remarks.push(
            `\`${key}\` files go to \`${first.config.plugin.id}\`; \`${slot.config.plugin.id}\` has a server for them too`,
          );
        }
      }
    }
    return remarks;
  }
}

/** Language servers load what a project brings: its compiler, its plugins, its configuration as code. */
function untrusted({ name, plugin }: ServerConfig, { projectDirectory }: Workspace): string {
  return `the LSP server \`${name}\` of \`${plugin.id}\` is not started: nobody trusts \`${projectDirectory}\`, whose code it may load; trust it first`;
}

function failures(count: number): string {
  return count === 1 ? "a failure" : `${String(count)} failures, the last`;
}

function keyOf({ plugin, contribution }: ServerConfig): string {
  const { where: _where, ...rest } = contribution;
  return `${plugin.id} ${plugin.directory} ${JSON.stringify(rest)}`;
}

/** The places of the plugin, and what the server sets itself, where `${…}` names any variable of the person. */
function ownVariables(
  { contribution }: ServerConfig,
  placeholders: Placeholders,
  workspace: Workspace,
): Readonly<Record<string, string>> {
  const own = Object.entries(contribution.env).map(([key, value]) => [key, filled(value, placeholders, workspace)]);
  return { ...placeholders.environment, ...Object.fromEntries(own) };
}

async function stopped({ running }: Slot): Promise<void> {
  const server = await running?.catch(() => undefined);
  await server?.stop();
}
