import { spawn } from "node:child_process";
import { delimiter, isAbsolute } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import { escapeControl } from "../../schemas/names.ts";
import { endGroup } from "../agents/agent-command.ts";

/** How a command is run. */
export interface SourceCommandOptions {
  readonly id: string;
  /** Where it starts. */
  readonly directory: string;
  /** That of the person. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly timeoutSeconds: number;
}

const MAX_OUTPUT_BYTES = 64 * 1024;

/** What a program needs to run at all: nothing here is a credential of the person. */
const PASSED_ON: ReadonlySet<string> = new Set(
  (
    "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TERM TZ TMPDIR TMP TEMP XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME " +
    "HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy SSL_CERT_FILE SSL_CERT_DIR " +
    "SystemRoot SystemDrive windir ComSpec PATHEXT APPDATA LOCALAPPDATA ProgramData ProgramFiles USERPROFILE USERNAME"
  ).split(" "),
);

/**
 * Runs a command line in a shell and returns what it printed. Whatever it has started ends with it, at its deadline and by an
 * interruption. Throws `E_SOURCE_COMMAND` with its last words, and `E_INTERRUPTED`.
 */
export function sourceCommandOutput(command: string, options: SourceCommandOptions): Promise<string> {
  const { id, directory, environment, signal, timeoutSeconds } = options;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const isWindows = process.platform === "win32";
    const [shell, args] = isWindows
      ? [environment["ComSpec"] ?? "cmd.exe", ["/d", "/s", "/c", `"${command}"`]]
      : ["/bin/sh", ["-c", command]];
    const child = spawn(shell, args, {
      cwd: directory,
      env: withoutCredentials(environment),
      detached: !isWindows,
      windowsVerbatimArguments: isWindows,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let fate: string | undefined;
    const end = (why: string): void => {
      fate ??= why;
      endGroup(child, "SIGKILL");
    };
    const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      stream.on("data", (part: Buffer) => {
        bytes += part.length;
        if (bytes <= MAX_OUTPUT_BYTES) parts.push(part);
        else end(`printed more than ${String(MAX_OUTPUT_BYTES)} bytes`);
      });
      return () => Buffer.concat(parts).toString("utf8");
    });
    const interrupt = (): void => end("was interrupted");
    const deadline = setTimeout(() => end(`did not end within ${String(timeoutSeconds)} s`), timeoutSeconds * 1000);
    signal.addEventListener("abort", interrupt, { once: true });
    const over = (failure: string | undefined, cause?: Error): void => {
      clearTimeout(deadline);
      signal.removeEventListener("abort", interrupt);
      endGroup(child, "SIGKILL");
      if (signal.aborted)
        reject(new CodedError("E_INTERRUPTED", `interrupted while the command of \`${id}\` was at work`));
      else if ((fate ?? failure) === undefined) resolve(stdout?.() ?? "");
      else reject(refusal(options, fate ?? failure ?? "", stderr?.() ?? "", cause));
    };
    child.once("error", (error) => over(`could not be started: ${error.message}`, error));
    child.once("close", (code, by) =>
      over(code === 0 ? undefined : `ended ${code === null ? `by ${String(by)}` : `with ${String(code)}`}`),
    );
  });
}

function refusal({ id }: SourceCommandOptions, why: string, said: string, cause: Error | undefined): CodedError {
  const words = said
    .split("\n")
    .map((line) => line.trim())
    .findLast((line) => line !== "");
  const last = words === undefined ? "" : `: ${escapeControl(words.slice(0, 500))}`;
  return new CodedError("E_SOURCE_COMMAND", `the command of \`${id}\` ${why}${last}`, {
    hint: "tell the owner of the catalog; nothing was changed",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** `PATH` keeps its absolute folders only: what a relative one means depends on where somebody stands. */
function withoutCredentials(environment: SourceCommandOptions["environment"]): Record<string, string> {
  const kept = Object.entries(environment).flatMap(([name, value]) => {
    if (value === undefined || !(PASSED_ON.has(name) || name.startsWith("LC_"))) return [];
    return [[name, name === "PATH" ? value.split(delimiter).filter(isAbsolute).join(delimiter) : value]];
  });
  return Object.fromEntries(kept) as Record<string, string>;
}
