import { CodedError } from "../schemas/errors.ts";
import { GLOBAL_FLAGS, type FlagSpec, type ParsedArguments } from "./flags.ts";
import type { PositionalSpec } from "./verb.ts";
import { findVerb, VERBS, type VerbEntry } from "./verb-table.ts";

/** A usage error; `candidates` are what the printer offers as "did you mean". */
function usage(message: string, hint: string, unknown?: string, candidates?: readonly string[]): CodedError {
  return new CodedError("E_USAGE", message, {
    hint,
    data: unknown === undefined ? {} : { unknown, candidates },
  });
}

/** Which verb was named, the words that named it, and every other word in order. */
export interface CommandLine {
  /** Absent when no verb was named; a group (with `verbs`) when its own verb is missing. */
  readonly entry: VerbEntry | undefined;
  readonly path: string;
  readonly rest: readonly string[];
}

function specOf(token: string, specs: readonly FlagSpec[]): FlagSpec | undefined {
  if (token.startsWith("--")) {
    const name = token.slice(2).split("=", 1)[0];
    return specs.find((spec) => spec.name === name);
  }
  return specs.find((spec) => spec.short === token[1]);
}

const isFlag = (token: string): boolean => token.length > 1 && token.startsWith("-");

/** Whether the flag at this token takes the next token as its value. */
function takesNext(token: string, specs: readonly FlagSpec[]): boolean {
  const spec = specOf(token, specs);
  if (spec?.value === undefined) return false;
  return token.startsWith("--") ? !token.includes("=") : token.length === 2;
}

/** Finds the verb among the words; flags may stand before it. Throws `E_USAGE` for an unknown verb or leading flag. */
export function findCommand(argv: readonly string[]): CommandLine {
  let entries: readonly VerbEntry[] = VERBS;
  let entry: VerbEntry | undefined;
  const path: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const token = argv[index] ?? "";
    const searching = entry === undefined || entry.verbs !== undefined;
    if (!searching || token === "--") {
      rest.push(...argv.slice(index));
      break;
    }
    if (isFlag(token)) {
      if (entry === undefined && specOf(token, GLOBAL_FLAGS) === undefined)
        throw unknownFlag(token, GLOBAL_FLAGS, "plugin");
      rest.push(token);
      if (takesNext(token, GLOBAL_FLAGS) && index + 1 < argv.length) {
        index += 1;
        rest.push(argv[index] ?? "");
      }
      continue;
    }
    const found = findVerb(entries, token);
    if (found === undefined && token === "help" && entry !== undefined) {
      // `plugin marketplace help add` is `plugin marketplace add --help`.
      rest.push("--help");
      continue;
    }
    if (found === undefined) {
      const where = ["plugin", ...path].join(" ");
      throw usage(
        `there is no verb \`${[...path, token].join(" ")}\``,
        `\`${where} --help\` lists the verbs`,
        token,
        entries.flatMap((one) => [one.name, ...(one.aliases ?? [])]),
      );
    }
    entry = found;
    path.push(found.name);
    if (found.verbs !== undefined) entries = found.verbs;
  }
  return { entry, path: path.join(" "), rest };
}

function unknownFlag(token: string, specs: readonly FlagSpec[], where: string): CodedError {
  const name = token.split("=", 1)[0] ?? token;
  return usage(
    `there is no flag \`${name}\``,
    `\`${where} --help\` lists the flags; put \`--\` before a name that starts with \`-\``,
    name,
    // One letter is as near to every other letter.
    name.startsWith("--") ? specs.map((spec) => `--${spec.name}`) : [],
  );
}

/** Collects flags; keeps what was given once apart from what may repeat. */
class FlagCollector {
  readonly switches = new Set<string>();
  readonly values = new Map<string, string[]>();

  turnOn(spec: FlagSpec): void {
    this.switches.add(spec.name);
  }

  add(spec: FlagSpec, value: string): void {
    if (spec.choices !== undefined && !spec.choices.includes(value)) {
      throw usage(
        `\`--${spec.name}\` is one of ${spec.choices.map((choice) => `\`${choice}\``).join(", ")}, not \`${value}\``,
        "write one of these",
        value,
        spec.choices,
      );
    }
    const before = this.values.get(spec.name);
    if (before === undefined) this.values.set(spec.name, [value]);
    else if (spec.repeatable === true) before.push(value);
    else if (before[0] !== value) {
      throw usage(`\`--${spec.name}\` is given twice, as \`${before[0] ?? ""}\` and as \`${value}\``, "give it once");
    }
  }
}

/** Reads the words after a verb; `common` are the flags that its program takes everywhere. Throws `E_USAGE` for unknown flags, missing values, and too few or too many words. */
export function parseArguments(
  tokens: readonly string[],
  flags: readonly FlagSpec[],
  positionals: readonly PositionalSpec[],
  where: string,
  common: readonly FlagSpec[] = GLOBAL_FLAGS,
): ParsedArguments {
  const specs = [...flags, ...common];
  const collected = new FlagCollector();
  const words: string[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] ?? "";
    if (token === "--") {
      words.push(...tokens.slice(index + 1));
      break;
    }
    if (!isFlag(token)) {
      words.push(token);
      continue;
    }
    const next = takesNext(token, specs) ? tokens[index + 1] : undefined;
    if (next !== undefined) index += 1;
    if (token.startsWith("--")) readLong(token, next, specs, collected, where);
    else readShort(token, next, specs, collected, where);
  }
  checkWords(words, positionals, collected, where);
  return { positionals: words, switches: collected.switches, values: collected.values };
}

function missingValue(spec: FlagSpec, where: string): CodedError {
  return usage(
    `\`--${spec.name}\` needs a value`,
    `\`--${spec.name} <${spec.choices?.join("|") ?? spec.value ?? "value"}>\`; see \`${where} --help\``,
  );
}

function readLong(
  token: string,
  next: string | undefined,
  specs: readonly FlagSpec[],
  into: FlagCollector,
  where: string,
): void {
  const spec = specOf(token, specs);
  if (spec === undefined) throw unknownFlag(token, specs, where);
  const equals = token.indexOf("=");
  const attached = equals < 0 ? undefined : token.slice(equals + 1);
  if (spec.value === undefined) {
    if (attached !== undefined) throw usage(`\`--${spec.name}\` takes no value`, `write \`--${spec.name}\` alone`);
    into.turnOn(spec);
    return;
  }
  const value = attached ?? next;
  if (value === undefined || value === "") throw missingValue(spec, where);
  into.add(spec, value);
}

/** `-y`, `-yh`, `-s user`, `-suser`. */
function readShort(
  token: string,
  next: string | undefined,
  specs: readonly FlagSpec[],
  into: FlagCollector,
  where: string,
): void {
  for (let at = 1; at < token.length; at += 1) {
    const letter = `-${token[at] ?? ""}`;
    const spec = specOf(letter, specs);
    if (spec === undefined) throw unknownFlag(token.length === 2 ? token : letter, specs, where);
    if (spec.value === undefined) {
      into.turnOn(spec);
      continue;
    }
    const value = at + 1 < token.length ? token.slice(at + 1) : at === 1 ? next : undefined;
    if (value === undefined || value === "") throw missingValue(spec, where);
    into.add(spec, value);
    return;
  }
}

function checkWords(
  words: readonly string[],
  positionals: readonly PositionalSpec[],
  flags: FlagCollector,
  where: string,
): void {
  if (flags.switches.has("help") || flags.switches.has("version")) return;
  const missing = positionals[words.length];
  if (missing?.required === true) {
    throw usage(`\`${where}\` needs <${missing.name}>`, `\`${where} --help\` shows an example`);
  }
  if (positionals.at(-1)?.variadic !== true && words.length > positionals.length) {
    const [first] = positionals;
    const takes =
      first === undefined
        ? "no words"
        : positionals.length === 1
          ? `one ${first.name}`
          : `${String(positionals.length)} words at most`;
    // A text with blanks that is not quoted comes as many words.
    const quoted =
      first?.name === "prompt" ? `put it in quotes: \`${where} -p ${JSON.stringify(words.join(" "))}\`` : undefined;
    throw usage(
      `\`${where}\` takes ${takes}, \`${words[positionals.length] ?? ""}\` is too many`,
      quoted ?? `\`${where} --help\` shows an example`,
    );
  }
}
