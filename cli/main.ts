import { isUnderSession } from "../core/platform/session-marker.ts";
import { CodedError } from "../schemas/errors.ts";
import { shellWord } from "../schemas/shell-word.ts";
import { findCommand, parseArguments } from "./command-line.ts";
import { keepCompiledCode } from "./compile-cache.ts";
import { isBuiltin } from "./builtin-word.ts";
import type { TerminalEngine } from "./terminal.ts";
import type { VerbContext } from "./context.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { valueOf, type ParsedArguments } from "./flags.ts";
import type { GlobalOptions } from "./options.ts";
import { Writer } from "./print/writer.ts";
import type { VerbResult } from "./verb.ts";
import type { VerbEntry } from "./verb-table.ts";
import { VERSION } from "./version.ts";
import { workingDirectory } from "./working-directory.ts";

/** Where a command line runs. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute; `--cwd` goes before it. */
  readonly directory: string;
  readonly writer: Writer;
  /** Default, and for every person: the fixed places of this machine. */
  readonly managedFiles?: VerbContext["managedFiles"];
}

/** Runs one command line to its end and sets the exit code of the process. */
export async function main(words: readonly string[]): Promise<void> {
  const writer = new Writer(!beforeWords(words).includes("--no-color"));
  process.exitCode = await runCommandLine(words, { environment: process.env, directory: process.cwd(), writer });
}

/** Runs one command line to its end: everything is told through the writer, also what went wrong. */
export async function runCommandLine(words: readonly string[], surroundings: Surroundings): Promise<number> {
  // `plugin help add` is `plugin add --help`.
  const argv = words[0] === "help" ? [...words.slice(1), "--help"] : words;
  // Usage errors are reported before the flags are parsed, in the form that was asked for.
  const flags = beforeWords(argv);
  const { writer } = surroundings;
  let verb = "";
  try {
    const command = findCommand(argv);
    verb = command.path;
    return await runCommand(command, surroundings);
  } catch (error) {
    const { errorData, errorLines, reportOf } = await import("./print/error-report.ts");
    const report = await reportOf(error);
    if (flags.includes("--json")) writer.json({ ok: false, verb, error: errorData(report) });
    else writer.err(errorLines(report, flags.includes("--verbose")));
    return exitCodeOf(error);
  }
}

async function ownPrograms(
  environment: Surroundings["environment"],
  cwd: string,
): Promise<Surroundings["environment"]> {
  const { withTrustedPath } = await import("./trusted-path.ts");
  return withTrustedPath(environment, cwd);
}

/** What stands before `--`. */
function beforeWords(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return end < 0 ? argv : argv.slice(0, end);
}

async function runCommand(
  command: ReturnType<typeof findCommand>,
  { environment, directory, writer, managedFiles }: Surroundings,
): Promise<number> {
  const { entry, path, rest } = command;
  if (entry?.load === undefined) return runWithoutVerb(command, writer);
  if (entry.light !== true) keepCompiledCode(environment);
  const { verb } = await entry.load();
  const args = parseArguments(rest, verb.flags, verb.positionals, `plugin ${path}`);
  if (args.switches.has("version")) {
    writer.out([VERSION]);
    return EXIT.ok;
  }
  if (args.switches.has("help")) {
    const { verbHelp } = await import("./help.ts");
    writer.out(verbHelp(verb, entry));
    return EXIT.ok;
  }
  const options = globalOptions(args);
  const typed = typedAgain(path, rest);
  if (!options.dryRun && isUnderSession(environment) && changes(entry, args)) throw refusedToSession(path, typed);
  const cwd = workingDirectory(valueOf(args, "cwd"), directory);
  let engine: Promise<TerminalEngine> | undefined;
  const context: VerbContext = {
    options,
    cwd,
    environment: entry.light === true ? environment : await ownPrograms(environment, cwd),
    searchPath: environment["PATH"],
    writer,
    command: typed,
    managedFiles,
    engine: () => (engine ??= import("./terminal.ts").then((module) => module.openTerminal(context))),
  };
  try {
    const result = await (switchedBuiltins(context, path, args) ?? verb.run(context, args));
    const remarks = (await engine)?.remarks ?? [];
    const noted = remarks.length === 0 ? {} : { remarks };
    if (result.document !== undefined) writer.json(result.document);
    else if (options.json) writer.json({ ok: result.exit === EXIT.ok, verb: path, ...result.data, ...noted });
    else writer.out(result.text());
    return result.exit;
  } finally {
    // A composition that failed has been reported by the verb that asked for it.
    await engine?.then(
      (made) => made.close(),
      () => undefined,
    );
  }
}

/** Built-in plugins are no installed ones: their switch is a setting, and lies in a file of its own. */
function switchedBuiltins(
  context: VerbContext,
  path: string,
  { positionals }: ParsedArguments,
): Promise<VerbResult> | undefined {
  if ((path !== "enable" && path !== "disable") || !positionals.some(isBuiltin)) return undefined;
  return import("./builtin-switch.ts").then(({ switchBuiltins }) =>
    switchBuiltins(context, positionals, path === "enable"),
  );
}

function changes({ changes: does }: VerbEntry, args: ParsedArguments): boolean {
  return does === true || does?.(args) === true;
}

/** The agent may not install for itself (DESIGN §5.7). */
function refusedToSession(path: string, typed: string): CodedError {
  return new CodedError("E_TRUST", `\`plugin ${path}\` changes what runs here, which nothing under a session may do`, {
    hint: `the person can type this in the session: /${typed}`,
  });
}

async function runWithoutVerb(command: ReturnType<typeof findCommand>, writer: Writer): Promise<number> {
  const { entry, path, rest } = command;
  const words = path === "" ? "plugin" : `plugin ${path}`;
  const args = parseArguments(rest, [], [], words);
  const { groupHelp, programHelp } = await import("./help.ts");
  const help = entry === undefined ? programHelp() : groupHelp(entry);
  if (args.switches.has("version")) writer.out([VERSION]);
  else if (args.switches.has("help")) writer.out(help);
  else if (rest.length > 0) {
    throw new CodedError("E_USAGE", `\`${words}\` needs a verb`, { hint: `\`${words} --help\` lists the verbs` });
  } else {
    // Whoever types the name alone wants to know what there is; it is still no command that did something.
    writer.err(help);
    return EXIT.usage;
  }
  return EXIT.ok;
}

/** The command as a shell would take it again, without `--accept`. */
function typedAgain(path: string, rest: readonly string[]): string {
  const words = rest.filter((word, at) => !word.startsWith("--accept") && rest[at - 1] !== "--accept");
  return ["plugin", path, ...words.map(shellWord)].join(" ");
}

function globalOptions(args: ParsedArguments): GlobalOptions {
  const scope = valueOf(args, "scope");
  return {
    json: args.switches.has("json"),
    scope: scope === "user" || scope === "project" || scope === "local" ? scope : undefined,
    dryRun: args.switches.has("dry-run"),
    yes: args.switches.has("yes"),
    accept: acceptedDigests(args.values.get("accept") ?? []),
    offline: args.switches.has("offline"),
    verbose: args.switches.has("verbose"),
  };
}

function acceptedDigests(texts: readonly string[]): readonly string[] {
  const wrong = texts.find((text) => !/^(?:sha256-[0-9a-f]{64}|[0-9a-f]{40})$/u.test(text));
  if (wrong === undefined) return texts;
  throw new CodedError("E_USAGE", `\`--accept ${wrong}\` is neither a digest nor a commit`, {
    hint: "it is `sha256-` and 64 hexadecimal digits, or 40 of them for a commit, as the refusal without `--accept` prints it",
  });
}
