import { mkdirSync } from "node:fs";
import {
  fillPlaceholders,
  pluginVariables,
  type ProcessRequest,
  type RunningProcess,
  type Workspace,
} from "plugsmith/plugin-api";
import { hookLabel, type Hook } from "../hook.ts";
import type { HandlerResult } from "../hook-output.ts";
import type { HookRun, Surroundings } from "./surroundings.ts";

type CommandHandler = Extract<Hook["contribution"]["handler"], { readonly type: "command" }>;

const MAX_OUTPUT_BYTES = 1_000_000;
const SHELL_OPTION = /\$\{user_config\.[^}]*\}/;

/** Runs a program: with `args` as it stands, otherwise through a shell; its input is the hook's JSON (formats.md §6.3). */
export async function runCommand(
  hook: Hook,
  handler: CommandHandler,
  run: HookRun,
  surroundings: Surroundings,
): Promise<HandlerResult> {
  const refusal = shellRefusal(handler);
  if (refusal !== undefined) return { kind: "failed", message: refusal };
  const options = await surroundings.optionsOf(hook.plugin.id, [handler.command, ...(handler.args ?? [])]);
  const workspace = { ...surroundings.workspace, environment: await surroundings.environmentOf(hook.plugin) };
  // Promised to be there when a program asks for it (formats.md §1.6).
  mkdirSync(hook.plugin.dataDirectory, { recursive: true, mode: 0o700 });
  const running = surroundings.processes.start(processOf(hook, handler, run, workspace, options));
  return finished(running, run);
}

/** The process of a command hook: argv and environment as they are started. */
export function processOf(
  hook: Hook,
  handler: CommandHandler,
  { session, environmentFile, signal }: Pick<HookRun, "session" | "environmentFile" | "signal">,
  workspace: Workspace,
  options: Readonly<Record<string, string>>,
): ProcessRequest {
  const variables = pluginVariables(hook.plugin, workspace);
  const environment = { ...workspace.environment, ...variables, ...optionVariables(options) };
  return {
    plugin: hook.plugin,
    purpose: hookLabel(hook),
    ...commandLine(handler, (text) => fillPlaceholders(text, { options, variables })),
    directory: session?.directory ?? workspace.projectDirectory,
    environment: { ...environment, ...(environmentFile !== undefined && { CLAUDE_ENV_FILE: environmentFile }) },
    secrets: Object.values(options),
    signal,
  };
}

/** A value of an option inside a shell's text would be code (attacks.md HK02). */
function shellRefusal({ command, args }: CommandHandler): string | undefined {
  const option = args === undefined ? SHELL_OPTION.exec(command)?.[0] : undefined;
  return option === undefined
    ? undefined
    : `it puts \`${option}\` into a shell command, where its value could run as code`;
}

function commandLine(
  { command, args, shell }: CommandHandler,
  fill: (text: string) => string,
): Pick<ProcessRequest, "command" | "args"> {
  if (args !== undefined) return { command: fill(command), args: args.map(fill) };
  if (shell === "powershell") {
    // Its variables are no variables of the environment, so the placeholders are filled as quoted text.
    const text = command.replaceAll(/\$\{([A-Z_]+)\}/gu, (whole) => `'${fill(whole).replaceAll("'", "''")}'`);
    return { command: "pwsh", args: ["-NoProfile", "-NonInteractive", "-Command", text] };
  }
  // The shell itself reads `${CLAUDE_PLUGIN_ROOT}` from the environment: a path with blanks or quotes stays one.
  return { command: process.platform === "win32" ? "bash.exe" : "bash", args: ["-c", command] };
}

function optionVariables(options: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [`CLAUDE_PLUGIN_OPTION_${key.toUpperCase()}`, value]),
  );
}

async function finished(running: RunningProcess, { json, timeoutMs }: HookRun): Promise<HandlerResult> {
  const output = { stdout: new OutputText(), stderr: new OutputText() };
  let isTooMuch = false;
  const add = (text: OutputText, chunk: Uint8Array): void => {
    text.add(chunk);
    if (isTooMuch || !text.isFull) return;
    isTooMuch = true;
    void running.stop(500);
  };
  running.onOutput((chunk) => add(output.stdout, chunk));
  running.onErrorOutput((chunk) => add(output.stderr, chunk));
  running.write(`${json}\n`);
  running.endInput();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void running.stop(500);
  }, timeoutMs);
  try {
    const { code, signal } = await running.ended;
    if (isLate) return { kind: "failed", isLate, message: `it took longer than ${String(timeoutMs)} ms and was ended` };
    if (isTooMuch)
      return { kind: "failed", message: `it printed more than ${String(MAX_OUTPUT_BYTES)} bytes and was ended` };
    if (code === undefined) return { kind: "failed", message: `it was ended by ${signal ?? "a signal"}` };
    return { kind: "exit", code, stdout: output.stdout.text(), stderr: output.stderr.text() };
  } finally {
    clearTimeout(timer);
  }
}

/** The first bytes of an output; the rest is dropped. */
class OutputText {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  add(chunk: Uint8Array): void {
    const room = MAX_OUTPUT_BYTES - this.#bytes;
    if (room > 0) this.#chunks.push(chunk.subarray(0, room));
    this.#bytes += chunk.length;
  }

  get isFull(): boolean {
    return this.#bytes > MAX_OUTPUT_BYTES;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
