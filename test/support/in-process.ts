import { realpathSync } from "node:fs";
import { runCommandLine } from "../../cli/main.ts";
import type { ManagedFile } from "../../core/platform/managed-files.ts";
import { CapturedOutput } from "../../cli/print/captured-output.ts";
import { renderJson, renderLines } from "../../cli/print/writer.ts";
import { CANARY_ENVIRONMENT, refuseCanary } from "./canary.ts";
import { readDocument } from "./json-document.ts";

/** What one command printed, also both streams together, and answered. */
export interface InProcessResult {
  readonly exit: number;
  readonly text: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Keeps the streams apart as well. */
class CapturedStreams extends CapturedOutput {
  stdout = "";
  stderr = "";

  override out(lines: readonly string[]): void {
    super.out(lines);
    this.stdout += renderLines(lines, false);
  }

  override err(lines: readonly string[]): void {
    super.err(lines);
    this.stderr += renderLines(lines, false);
  }

  override json(document: unknown): void {
    super.json(document);
    this.stdout += renderJson(document);
  }
}

/** How a command is run in this process. */
export interface InProcessOptions {
  /** `$PLUGSMITH_HOME`. */
  readonly home: string;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The managed policy, one document or several; default: that of this machine. */
  readonly policy?: object | readonly object[] | undefined;
}

/** Runs a `plugin` command in this process, which starts ten times faster than the program: for tests of many steps. */
export async function pluginHere(words: readonly string[], options: InProcessOptions): Promise<InProcessResult> {
  const writer = new CapturedStreams();
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: options.home,
    PLUGSMITH_HOME: options.home,
    PLUGSMITH_AGENTS: "off",
    ...CANARY_ENVIRONMENT,
    ...options.env,
  };
  const disabled = process.env["NODE_DISABLE_COMPILE_CACHE"];
  // A process keeps compiled code in one place for all its life, and no home of a test lives that long.
  process.env["NODE_DISABLE_COMPILE_CACHE"] = "1";
  try {
    const { policy } = options;
    const managedFiles = policy === undefined ? undefined : () => managedFilesOf(policy);
    const directory = realpathSync(options.cwd);
    const exit = await runCommandLine(words, { environment, directory, writer, managedFiles });
    refuseCanary(writer.text, `what \`${words.join(" ")}\` printed`);
    return { exit, text: writer.text, stdout: writer.stdout, stderr: writer.stderr };
  } finally {
    if (disabled === undefined) delete process.env["NODE_DISABLE_COMPILE_CACHE"];
    else process.env["NODE_DISABLE_COMPILE_CACHE"] = disabled;
  }
}

/** Managed files as a machine would have them: `/managed.json`, then drop-ins. */
export function managedFilesOf(policy: object | readonly object[]): readonly ManagedFile[] {
  const documents: readonly object[] = Array.isArray(policy) ? policy : [policy];
  return documents.map((document, at) => ({
    file: at === 0 ? "/managed.json" : `/managed.d/${String(at)}.json`,
    trusted: true,
    text: JSON.stringify(document),
  }));
}

/** The same with `--json`: the document, which must have the shape that is promised for its verb. */
export async function documentHere(
  words: readonly string[],
  options: InProcessOptions,
): Promise<Readonly<Record<string, unknown>> & { readonly exit: number }> {
  const { exit, text } = await pluginHere([...words, "--json"], options);
  return { ...readDocument(text), exit };
}
