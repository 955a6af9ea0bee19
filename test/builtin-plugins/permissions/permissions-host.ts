import { realpathSync } from "node:fs";
import type { HostPlugin } from "../../../core/host-plugin.ts";
import {
  defineTool,
  personService,
  settingsService,
  toolPoint,
  workspaceService,
  type Invoked,
  type Question,
  type ToolResult,
  type Workspace,
  type OpenSession,
} from "../../../plugin-api/index.ts";
import { MemorySession } from "../../support/memory-sessions.ts";
import { MemorySettings, type SettingsFile } from "../../support/memory-settings.ts";
import { builtins, codePlugin, hostService, testHost, type TestHost } from "../../support/test-host.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { callTool, toolPointOwner } from "../../support/tool-caller.ts";

const PATHS: Readonly<Record<string, string>> = {
  Read: "file_path",
  Edit: "file_path",
  Write: "file_path",
  Grep: "path",
};
const READING = new Set(["Read", "Grep", "mcp__files__get", "Look", "Peek"]);
const NAMES = ["Read", "Grep", "Edit", "Write", "Bash", "Agent", "Skill", "WebFetch", "Look", "Change"];

const BUILTIN = [...NAMES, "mcp__files__get", "mcp__files__put", "mcp__other__put"];

/** Tools that do nothing and return what they were called with. */
function tools(id: string, names: readonly string[], tier: HostPlugin["info"]["tier"]): HostPlugin {
  const all = names.map((name) =>
    defineTool({
      name,
      description: name,
      inputSchema: { type: "object" },
      readOnly: READING.has(name),
      ...(PATHS[name] !== undefined && { pathFields: [PATHS[name]] }),
      run: (input) => JSON.stringify(input),
    }),
  );
  const plugin = codePlugin(id, { contributes: { [toolPoint.key]: [] }, activation: "startup" }, (context) => {
    for (const tool of all) context.contribute(toolPoint, tool.descriptor.name, tool);
  });
  return { ...plugin, info: { ...plugin.info, tier } };
}

/** What a test of permissions begins with. */
export interface PermissionsOptions {
  readonly settings?: readonly SettingsFile[];
  readonly session?: Partial<OpenSession>;
  readonly plugins?: readonly HostPlugin[];
  /** What the person answers; absent: nobody is there. */
  readonly person?: string;
}

/** The permissions over tools that do nothing. */
export interface PermissionsHost extends AsyncDisposable {
  readonly test: TestHost;
  readonly project: TemporaryHome;
  readonly session: MemorySession;
  readonly settings: MemorySettings;
  readonly home: string;
  readonly questions: readonly Question[];
  readonly path: (name: string) => string;
  readonly call: (tool: string, input: unknown, session?: MemorySession) => Promise<Invoked<ToolResult>>;
  /** `done`, or the reason of the denial. */
  readonly outcome: (tool: string, input: unknown, session?: MemorySession) => Promise<string>;
}

/** Boots it. */
export async function permissionsHost(options: PermissionsOptions = {}): Promise<PermissionsHost> {
  const project = temporaryHome();
  const top = realpathSync(project.directory);
  project.write("work/a.ts", "a");
  project.write("home/.bashrc", "");
  const [directory, home] = [`${top}/work`, `${top}/home`];
  const settings = new MemorySettings(options.settings ?? []);
  const workspace: Workspace = {
    directory,
    projectDirectory: directory,
    homeDirectory: home,
    plugsmithHome: `${home}/.plugsmith`,
    trusted: true,
    environment: {},
  };
  const test = await testHost(
    (data) => [
      toolPointOwner(),
      tools("tools", BUILTIN, "builtin"),
      tools("foreign", ["Peek"], "installed"),
      ...builtins(["permissions"], data),
      ...(options.plugins ?? []),
    ],
    { services: [hostService(settingsService, settings), hostService(workspaceService, workspace)] },
  );
  const questions: Question[] = [];
  const { person } = options;
  if (person !== undefined) {
    test.host.frontend.provide(personService, {
      ask: async (question) => {
        questions.push(question);
        return { choice: person };
      },
    });
  }
  const session = new MemorySession({ directory, ...options.session });
  const call = (tool: string, input: unknown, caller = session) => callTool(test.host, caller, tool, input);
  return {
    test,
    project,
    session,
    settings,
    home,
    questions,
    path: (name) => `${directory}/${name}`,
    call,
    outcome: async (tool, input, caller) => {
      const invoked = await call(tool, input, caller);
      return invoked.kind === "done" ? "done" : invoked.reason;
    },
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
}

/** One file of settings with rules. */
export function rules(
  layer: SettingsFile["layer"],
  permissions: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): SettingsFile {
  return { layer, file: `/settings/${layer}.json`, values: { permissions, ...more } };
}
