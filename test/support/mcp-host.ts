import { mkdirSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { HostPlugin } from "../../core/host-plugin.ts";
import {
  contextTexts,
  notification,
  personService,
  promptExpansion,
  secretService,
  sessionStart,
  settingsService,
  toolPermission,
  toolPoint,
  workspaceService,
  type Expansion,
  type GuardedHandle,
  type McpContribution,
  type Person,
  type Question,
  type Secrets,
  type Session,
  type SettingsLayer,
  type ToolDescriptor,
  type ToolResult,
} from "../../plugin-api/index.ts";
import { ProcessService } from "./process-service.ts";
import { builtins, codePlugin, hostService, testHost, type TestHost } from "./test-host.ts";
import type { TemporaryHome } from "./temporary-home.ts";

/** What a test's host is made of beside the bridge. */
export interface McpHostOptions {
  /** Plugins that contribute servers. */
  readonly plugins: readonly HostPlugin[] | ((home: TemporaryHome) => readonly HostPlugin[]);
  readonly person?:
    ((question: Question) => Promise<{ readonly choice: string; readonly text?: string } | undefined>) | undefined;
  readonly secrets?: Map<string, string> | undefined;
  readonly settings?: Partial<Record<SettingsLayer, Record<string, unknown>>> | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly trusted?: boolean | undefined;
  /** The project, absolute and real; default a fresh one. */
  readonly project?: string | undefined;
  /** Goes on with what another host left behind. */
  readonly bridgeData?: string | undefined;
}

/** A host with the bridge. */
export interface McpHost extends AsyncDisposable {
  readonly test: TestHost;
  readonly processes: ProcessService;
  readonly project: string;
  /** What the host was booted with. */
  readonly plugins: readonly HostPlugin[];
  readonly notifications: readonly { readonly kind: string; readonly message: string }[];
  readonly session: Session;
  readonly settings: Partial<Record<SettingsLayer, Record<string, unknown>>>;
  /** Begins the session: the bridge is activated, servers are given their first seconds. */
  start(): Promise<void>;
  /** Begins the session and waits until every server has listed its tools or failed. */
  begin(): Promise<void>;
  tools(): Promise<readonly GuardedHandle<ToolDescriptor, unknown, ToolResult>[]>;
  names(): Promise<readonly string[]>;
  /** Waits until a tool is there. */
  awaitTool(name: string): Promise<GuardedHandle<ToolDescriptor, unknown, ToolResult>>;
  call(name: string, input: unknown, signal?: AbortSignal): Promise<ToolResult>;
  /** All texts of a result. */
  text(name: string, input: unknown, signal?: AbortSignal): Promise<string>;
  context(): Promise<readonly string[]>;
  expand(text: string): Promise<Expansion | undefined>;
}

/** A server as a plugin's manifest holds it. */
export type WrittenServer = Pick<McpContribution, "config" | "timeoutMs">;

/** The file of a server that stands under `test/builtin-plugins/mcp-bridge/servers`. */
function serverFile(name: string): string {
  return fileURLToPath(new URL(`../builtin-plugins/mcp-bridge/servers/${name}`, import.meta.url));
}

/** A server that is a program. */
export function programServer(
  command: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): WrittenServer {
  return { config: { transport: "stdio", command, args, env } };
}

/** The server of `servers/scripted-child.js`. */
export function scriptedServer(mode: string, ...args: readonly string[]): WrittenServer {
  return programServer(process.execPath, [serverFile("scripted-child.js"), mode, ...args]);
}

/** A server that is an address. */
export function webServer(
  url: string,
  more: Partial<Extract<McpContribution["config"], { readonly transport: "http" | "sse" | "ws" }>> = {},
): WrittenServer {
  return { config: { transport: "http", url, headers: {}, ...more } };
}

/** A plugin that contributes servers, as `plugin:<name>:<server>`; folders of its own are made by `mcpHost`. */
export function serverPlugin(
  name: string,
  servers: Readonly<Record<string, WrittenServer>>,
  more: Partial<HostPlugin> = {},
): HostPlugin {
  const { load: _load, manifest, ...plugin } = codePlugin(name, {}, () => undefined);
  const contributions = Object.entries(servers).map(([server, written]): McpContribution => ({
    kind: "mcp",
    name: server,
    where: { file: ".mcp.json" },
    ...written,
  }));
  const { plugsmith: _plugsmith, ...data } = manifest;
  return { ...plugin, manifest: { ...data, contributions }, ...more };
}

/** The loose folder of a project, whose servers need a person's yes. */
export function projectServers(servers: Readonly<Record<string, WrittenServer>>): HostPlugin {
  const plugin = serverPlugin("project", servers);
  return { ...plugin, info: { ...plugin.info, id: "project@project", tier: "loose" } };
}

/** Boots a host of the bridge, an owner of the tool point that allows everything, and the plugins. */
export async function mcpHost(options: McpHostOptions): Promise<McpHost> {
  const settings = options.settings ?? {};
  const notifications: { kind: string; message: string }[] = [];
  const settingsListeners = new Set<() => void>();
  const layers: readonly SettingsLayer[] = ["managed", "flags", "local", "project", "user"];
  const valuesOf = (key: string) =>
    layers.flatMap((layer) => {
      const value = settings[layer]?.[key];
      return value === undefined ? [] : [{ layer, file: `/settings/${layer}.json`, value }];
    });
  const secrets = options.secrets ?? new Map<string, string>();
  const keychain: Secrets = {
    get: async (name) => secrets.get(name),
    set: async (name, value) => void secrets.set(name, value),
    delete: async (name) => secrets.delete(name),
    option: async (id, key) => secrets.get(`${id} ${key}`),
  };
  const ask = options.person;
  const person: Person | undefined = ask === undefined ? undefined : { ask };
  let project = "";
  let booted: readonly HostPlugin[] = [];
  const owner = codePlugin(
    "owner",
    {
      points: {
        "plugsmith/tool": {
          guarded: { gate: toolPermission.key, unanswered: "deny", audited: true, input: "inputSchema" },
        },
      },
      listens: [toolPermission.key, notification.key],
      activation: "startup",
    },
    (context) => {
      context.listen(toolPermission, () => ({ decision: "allow" }));
      context.listen(notification, (one) => void notifications.push(one));
    },
  );
  const workspaceOf = (home: string) => ({
    directory: project,
    projectDirectory: project,
    homeDirectory: home,
    plugsmithHome: home,
    trusted: options.trusted ?? true,
    environment: { PATH: process.env["PATH"] ?? "", HOME: home, ...options.environment },
  });
  let workspace: ReturnType<typeof workspaceOf> | undefined;
  const processes = new ProcessService({
    trusted: options.trusted ?? true,
    get projectDirectory() {
      return project;
    },
  });
  const test = await testHost(
    (home) => {
      project = options.project ?? home.path("project");
      mkdirSync(project, { recursive: true });
      project = realpathSync(project);
      workspace = workspaceOf(home.directory);
      const bridge = builtins(["mcp-bridge"], home).map((plugin) =>
        options.bridgeData === undefined
          ? plugin
          : { ...plugin, info: { ...plugin.info, dataDirectory: options.bridgeData } },
      );
      const plugins = typeof options.plugins === "function" ? options.plugins(home) : options.plugins;
      booted = [owner, ...bridge, ...plugins.map((plugin) => withFolders(plugin, home, project))];
      return booted;
    },
    {
      services: [
        processes.service,
        { key: workspaceService.key, open: () => workspace },
        hostService(settingsService, {
          layers: valuesOf,
          get: (key) => valuesOf(key)[0]?.value,
          onChange: (listener) => {
            settingsListeners.add(listener);
            return { dispose: () => settingsListeners.delete(listener) };
          },
          set: (layer, key, value) => {
            settings[layer] = { ...settings[layer], [key]: value };
            for (const listener of settingsListeners) listener();
          },
        }),
        hostService(secretService, keychain),
        ...(person === undefined ? [] : [hostService(personService, person)]),
      ],
    },
  );
  const { frontend } = test.host;
  const session = testSession(project);
  const expand = (text: string) => frontend.emit(promptExpansion, { session, text });
  const start = async () => void (await frontend.emit(sessionStart, { session, source: "startup", texts: [] }));
  const tools = async () => (await frontend.read(toolPoint)).all();
  const names = async () => (await tools()).map(({ name }) => name);
  const awaitTool = async (name: string) => {
    const reader = await frontend.read(toolPoint);
    for (;;) {
      const found = reader.all().find((tool) => tool.name === name);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const watching = reader.onChange(() => {
          watching.dispose();
          resolve();
        });
      });
    }
  };
  const call: McpHost["call"] = async (name, input, signal) => {
    const tool = (await tools()).find((one) => one.name === name);
    if (tool === undefined) throw new Error(`no tool ${name}; there are ${(await names()).join(", ")}`);
    const context = { session, directory: project, agentPath: [] };
    const result = await tool.invoke(input, { callId: "call", signal, context });
    if (result.kind === "denied") throw new Error(result.reason);
    return result.output;
  };
  return {
    test,
    processes,
    project,
    plugins: booted,
    notifications,
    session,
    settings,
    start,
    begin: async () => {
      await start();
      const open = /(?:connecting|not started yet), tools unknown/u;
      while (open.test((await expand("/mcp"))?.answer ?? "")) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    tools,
    names,
    awaitTool,
    call,
    text: async (name, input, signal) => textOf(await call(name, input, signal)),
    context: async () => (await frontend.emit(contextTexts, { session, reason: "prompt", texts: [] })).texts,
    expand,
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      await processes[Symbol.asyncDispose]();
    },
  };
}

function withFolders(plugin: HostPlugin, home: TemporaryHome, project: string): HostPlugin {
  if (plugin.info.directory !== "/nowhere") return plugin;
  const directory = plugin.info.tier === "loose" ? project : home.path("plugins", plugin.info.name);
  mkdirSync(directory, { recursive: true });
  return { ...plugin, info: { ...plugin.info, directory, dataDirectory: home.path("data", plugin.info.name) } };
}

function textOf({ content }: ToolResult): string {
  return content.map((part) => (part.type === "text" ? part.text : `<${part.mediaType}>`)).join("\n");
}

/** A session that keeps notes and nothing else. */
function testSession(directory: string): Session {
  const notes = new Map<string, unknown[]>();
  return {
    id: "test",
    projectDirectory: directory,
    directory,
    agentPath: [],
    options: { permissionMode: "default", allow: [], deny: [] },
    turn: { allow: [], deny: [] },
    system: [],
    messages: [],
    signal: new AbortController().signal,
    append: () => undefined,
    setSystem: () => undefined,
    setOptions: () => undefined,
    setTurn: () => undefined,
    setDirectory: () => undefined,
    note: (key, data) => void notes.set(key, [...(notes.get(key) ?? []), data]),
    notes: (key) => notes.get(key) ?? [],
    close: async () => undefined,
  };
}
