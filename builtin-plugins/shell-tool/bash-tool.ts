import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  defineTool,
  type BackgroundTasks,
  type ProcessEnd,
  type ProcessRequest,
  type RunningProcess,
  type Session,
  type Settings,
  type Tool,
  type ToolCall,
  type ToolResult,
  type Workspace,
} from "plugsmith/plugin-api";
import { howEnded, keepInBackground } from "./background.ts";
import { OutputFile } from "./output-file.ts";
import { isWorkingFolder, takeDirectory, trackedScript } from "./working-directory.ts";
import { WrittenFiles } from "./written-files.ts";

const DEFAULT_TIMEOUT_MS = 120_000;
const MAX_TIMEOUT_MS = 600_000;

interface BashInput {
  readonly command: string;
  readonly description?: string;
  readonly timeout?: number;
  readonly run_in_background?: boolean;
}

/** What Bash needs. */
export interface BashOptions {
  readonly workspace: Workspace;
  readonly settings: Settings | undefined;
  /** Who keeps what runs in the background; absent where no plugin does. */
  readonly tasks: () => Promise<BackgroundTasks | undefined>;
  readonly shell: string;
  /** A folder for output of a session. */
  readonly folder: (session: string | undefined) => string;
  readonly environment: (session: Session | undefined) => Promise<Readonly<Record<string, string>>>;
  readonly start: (request: Omit<ProcessRequest, "plugin">) => RunningProcess;
  readonly moved: (session: Session, from: string, to: string) => Promise<unknown>;
}

/** Runs commands of a shell; the working directory is kept from one to the next. */
export function bashTool(options: BashOptions): Tool {
  return defineTool<BashInput>({
    name: "Bash",
    description:
      "Runs a command of a shell. The working directory is kept between calls within the project; variables and functions are not. Standard input is empty. Use `run_in_background` for servers and other long commands, and Read, Edit, Glob and Grep in place of cat, sed, find and grep.",
    inputSchema: {
      type: "object",
      properties: {
        command: { type: "string", minLength: 1, description: "The command" },
        description: { type: "string", description: "What it does, in a few words" },
        timeout: {
          type: "integer",
          minimum: 1,
          maximum: MAX_TIMEOUT_MS,
          description: `Milliseconds until it is ended; default ${DEFAULT_TIMEOUT_MS}`,
        },
        run_in_background: { type: "boolean", description: "Return at once; TaskOutput shows the output later" },
      },
      required: ["command"],
    },
    run: (input, call) =>
      input.run_in_background === true ? background(options, input, call) : foreground(options, input, call),
  });
}

async function background(
  { tasks, start, shell, folder, environment }: BashOptions,
  { command, description }: BashInput,
  { session, directory }: ToolCall,
): Promise<ToolResult> {
  const keeper = await tasks();
  if (keeper === undefined) {
    throw new Error(
      "no plugin keeps background tasks: enable `background-tasks`, or run it without `run_in_background`",
    );
  }
  const variables = await environment(session);
  keeper.requireRoom();
  const output = outputFile(folder(session?.id));
  const file = output.keep();
  const process = start({
    purpose: "Bash",
    command: shell,
    args: ["-c", command],
    directory,
    environment: variables,
    stdin: "ignore",
  });
  collect(process, output, () => void process.stop());
  const id = keepInBackground(keeper, { session, command, description, process, output });
  const text = `${id} runs in the background; TaskOutput shows its output, TaskStop ends it; what it writes is also in \`${file}\``;
  return result(text, false, { backgroundTaskId: id });
}

async function foreground(options: BashOptions, input: BashInput, call: ToolCall): Promise<ToolResult> {
  const { signal, session } = call;
  const environment = await options.environment(session);
  // A command may have removed the directory that it left behind.
  const directory = existsSync(call.directory) ? call.directory : (session?.projectDirectory ?? call.directory);
  const folder = options.folder(session?.id);
  const output = outputFile(folder);
  const directoryFile = join(folder, `directory-${randomUUID()}`);
  const written = new WrittenFiles(input.command, directory);
  const timeoutMs = input.timeout ?? DEFAULT_TIMEOUT_MS;
  let ending: string | undefined;
  const running = options.start({
    purpose: "Bash",
    command: options.shell,
    args: ["-c", trackedScript(input.command, directoryFile)],
    directory,
    environment,
    stdin: "ignore",
    signal,
  });
  const end = (why: string): void => {
    ending ??= why;
    void running.stop();
  };
  collect(running, output, () => end("was ended because it wrote more than 64 MB"));
  const timer = setTimeout(() => {
    end(`was ended after ${String(timeoutMs / 1000)} s; give a longer \`timeout\`, or \`run_in_background\``);
  }, timeoutMs);
  const ended = await settled(running, timer, output);
  signal.throwIfAborted();
  const moved = session === undefined ? undefined : await move(options, session, takeDirectory(directoryFile));
  const isError = ending !== undefined || ended.code !== 0;
  const remarks = [isError ? `(the command ${ending ?? howEnded(ended)})` : undefined, moved];
  const text = [output.preview().replace(/\n$/u, ""), ...remarks].filter((part) => part !== undefined && part !== "");
  return {
    ...result(text.length === 0 ? "(no output)" : text.join("\n"), isError, {
      stdout: output.preview(),
      stderr: "",
      interrupted: ending !== undefined,
      ...(ended.code !== undefined && { code: ended.code }),
    }),
    touched: written.found(),
  };
}

async function settled(running: RunningProcess, timer: NodeJS.Timeout, output: OutputFile): Promise<ProcessEnd> {
  try {
    return await running.ended;
  } finally {
    clearTimeout(timer);
    output.close();
  }
}

function collect(running: RunningProcess, output: OutputFile, full: () => void): void {
  const add = (chunk: Uint8Array): void => {
    output.add(chunk);
    if (output.isFull) full();
  };
  running.onOutput(add);
  running.onErrorOutput(add);
}

/** Follows a command to where it ended; one that left the project is taken back. */
async function move(options: BashOptions, session: Session, ended: string | undefined): Promise<string | undefined> {
  const from = session.directory;
  if (ended === undefined || ended === from) return undefined;
  const stays = isWorkingFolder(ended, session, options.workspace, options.settings);
  const to = stays ? ended : session.projectDirectory;
  if (to !== from) {
    session.setDirectory(to);
    await options.moved(session, from, to);
  }
  return stays ? undefined : `(the working directory is \`${to}\` again: \`${ended}\` is outside the project)`;
}

function outputFile(folder: string): OutputFile {
  return new OutputFile(() => join(folder, `output-${randomUUID()}.txt`));
}

function result(text: string, isError: boolean, structured: unknown): ToolResult {
  return { content: [{ type: "text", text }], isError, structured };
}
