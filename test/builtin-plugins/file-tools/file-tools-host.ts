import { realpathSync } from "node:fs";
import { permissionsService, type Invoked, type Permissions, type ToolResult } from "../../../plugin-api/index.ts";
import { MemorySession } from "../../support/memory-sessions.ts";
import { builtins, hostService, testHost, type TestHost } from "../../support/test-host.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { allowAll, callTool, textOf, toolPointOwner } from "../../support/tool-caller.ts";

/** The file tools on a folder of their own. */
export interface FileToolsHost extends AsyncDisposable {
  readonly test: TestHost;
  readonly project: TemporaryHome;
  readonly session: MemorySession;
  /** Real path of something in the project. */
  readonly path: (name: string) => string;
  readonly call: (tool: string, input: unknown, signal?: AbortSignal) => Promise<Invoked<ToolResult>>;
  readonly text: (tool: string, input: unknown) => Promise<string>;
  /** Reads a file through the tool, so that it may be changed. */
  readonly see: (name: string) => Promise<string>;
}

/** Boots it. */
export async function fileToolsHost(permissions?: Permissions): Promise<FileToolsHost> {
  const project = temporaryHome();
  const directory = realpathSync(project.directory);
  const test = await testHost((home) => [toolPointOwner(), allowAll(), ...builtins(["file-tools"], home)], {
    services: permissions === undefined ? [] : [hostService(permissionsService, permissions)],
  });
  const session = new MemorySession({ directory });
  const call = (tool: string, input: unknown, signal?: AbortSignal) =>
    callTool(test.host, session, tool, input, signal);
  const text = async (tool: string, input: unknown) => textOf(await call(tool, input));
  return {
    test,
    project,
    session,
    path: (name) => `${directory}/${name}`,
    call,
    text,
    see: (name) => text("Read", { file_path: `${directory}/${name}` }),
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
}
