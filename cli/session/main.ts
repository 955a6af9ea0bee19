import { readFileSync } from "node:fs";
import { CodedError } from "../../schemas/errors.ts";
import { parseArguments } from "../command-line.ts";
import { exitCodeOf, EXIT, type ExitCode } from "../exit-code.ts";
import { valueOf, type FlagSpec, type ParsedArguments } from "../flags.ts";
import { Writer } from "../print/writer.ts";
import type { PositionalSpec } from "../verb.ts";
import { VERSION } from "../version.ts";
import { workingDirectory } from "../working-directory.ts";
import type { HostOptions } from "./create-host.ts";
import { HOST_FLAGS, SESSION_FLAGS } from "./session-flags.ts";

/** Runs one command line of `plugsmith` to its end and sets the exit code of the process. */
export async function sessionMain(words: readonly string[]): Promise<void> {
  const end = words.indexOf("--");
  const flags = end < 0 ? words : words.slice(0, end);
  const writer = new Writer(!flags.includes("--no-color"));
  try {
    const [command] = words;
    if (command === "boot") process.exitCode = await boot(words.slice(1), writer);
    else process.exitCode = await session(command === "help" ? [...words.slice(1), "--help"] : words, writer);
  } catch (error) {
    const { errorData, errorLines, reportOf } = await import("../print/error-report.ts");
    const report = await reportOf(error);
    const document = { type: "error", ok: false, error: errorData(report) };
    const format = asked(flags);
    if (format === "json") writer.json(document);
    else if (format === "stream-json") writer.jsonLine(document);
    else writer.err(errorLines(report, flags.includes("--verbose")));
    process.exitCode = exitCodeOf(error);
  }
}

/** The form that was asked for, also by a command line that is not understood. */
function asked(flags: readonly string[]): string | undefined {
  const at = flags.indexOf("--output-format");
  const written = flags.find((flag) => flag.startsWith("--output-format="))?.slice("--output-format=".length);
  return written ?? (at < 0 ? (flags.includes("--json") ? "json" : undefined) : flags[at + 1]);
}

/** What the first word means where it is no prompt but a command, of this program or of `plugin`. */
async function meantBy([word = "", ...rest]: readonly string[]): Promise<string | undefined> {
  if (word === "" || word.startsWith("-")) return undefined;
  const { VERBS } = await import("../verb-table.ts");
  if (VERBS.some(({ name, aliases = [] }) => name === word || aliases.includes(word))) {
    return `\`${["plugin", word, ...rest].join(" ")}\``;
  }
  const { nearest } = await import("../../schemas/names.ts");
  const own = nearest(word, ["boot", "plugin"]);
  return own === undefined ? undefined : `\`${["plugsmith", own, ...rest].join(" ")}\``;
}

const BOOT_FLAGS: readonly FlagSpec[] = [
  { name: "tree", summary: "print the tree (the default)" },
  { name: "start", summary: "also start the plugins that start with a session" },
];

async function boot(words: readonly string[], writer: Writer): Promise<ExitCode> {
  const args = parse(words, BOOT_FLAGS, [], "plugsmith boot");
  if (await answered(args, writer, BOOT_FLAGS, "boot")) return EXIT.ok;
  const { printBoot } = await import("./boot.ts");
  return printBoot(hostOptions(args, writer), writer, {
    start: args.switches.has("start"),
    json: args.switches.has("json"),
  });
}

async function session(words: readonly string[], writer: Writer): Promise<ExitCode> {
  const meant = await meantBy(words);
  if (meant !== undefined) {
    throw new CodedError("E_USAGE", `\`plugsmith\` has no command \`${words[0] ?? ""}\``, {
      hint: `did you mean ${meant}? A question is asked with \`plugsmith -p ${JSON.stringify(words[0])}\``,
    });
  }
  const args = parse(words, SESSION_FLAGS, [{ name: "prompt" }], "plugsmith");
  if (await answered(args, writer, SESSION_FLAGS, "")) return EXIT.ok;
  const [prompt] = args.positionals;
  if (args.switches.has("init-only")) {
    if (prompt !== undefined || args.switches.has("print")) {
      throw new CodedError("E_USAGE", "`--init-only` takes no prompt", { hint: "`plugsmith -p --init` takes one" });
    }
    const { setUpOnly } = await import("./print-session.ts");
    return setUpOnly(hostOptions(args, writer), args, writer);
  }
  if (!args.switches.has("print")) {
    const hint = prompt === undefined ? '`plugsmith -p "your question"`' : `\`plugsmith -p ${JSON.stringify(prompt)}\``;
    throw new CodedError("E_USAGE", "a session at the terminal is not in this release; `-p` answers one prompt", {
      hint,
    });
  }
  const { printSession } = await import("./print-session.ts");
  return printSession(hostOptions(args, writer), args, withInput(prompt), writer);
}

function parse(
  words: readonly string[],
  flags: readonly FlagSpec[],
  positionals: readonly PositionalSpec[],
  where: string,
): ParsedArguments {
  return parseArguments(words, flags, positionals, where, HOST_FLAGS);
}

async function answered(
  args: ParsedArguments,
  writer: Writer,
  flags: readonly FlagSpec[],
  command: string,
): Promise<boolean> {
  if (args.switches.has("version")) {
    writer.out([VERSION]);
    return true;
  }
  if (!args.switches.has("help")) return false;
  const { sessionHelp } = await import("./session-help.ts");
  writer.out(sessionHelp(command, flags));
  return true;
}

function hostOptions(args: ParsedArguments, writer: Writer): HostOptions {
  const directory = workingDirectory(valueOf(args, "cwd"), process.cwd());
  return {
    directory,
    pluginDirectories: args.values.get("plugin-dir") ?? [],
    settings: args.values.get("settings") ?? [],
    trustWorkspace: args.switches.has("trust-workspace"),
    additionalDirectories: args.values.get("add-dir") ?? [],
    onLog: (level, plugin, message) => {
      if (level === "warn" || args.switches.has("verbose")) writer.err([`${level}: ${plugin}: ${message}`]);
    },
  };
}

/** What is piped in stands below the prompt, or is the prompt. Throws `E_USAGE` for neither. */
function withInput(prompt: string | undefined): string {
  const piped = process.stdin.isTTY ? "" : readInput();
  const text = [prompt ?? "", piped].filter((part) => part.trim() !== "").join("\n\n");
  if (text !== "") return text;
  throw new CodedError("E_USAGE", "`plugsmith -p` needs a prompt", {
    hint: '`plugsmith -p "your question"`, or pipe it in',
  });
}

function readInput(): string {
  try {
    return readFileSync(0, "utf8");
  } catch (error) {
    // A closed or empty standard input holds no prompt.
    if (error instanceof Error && "code" in error && ["EAGAIN", "EBADF", "EOF"].includes(String(error.code))) return "";
    throw error;
  }
}
