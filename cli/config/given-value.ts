import { readFileSync } from "node:fs";
import { keytarPassword } from "../../core/secrets/keytar-password.ts";
import { CodedError } from "../../schemas/errors.ts";
import { typedValue, wantedValue } from "../../schemas/option-value.ts";
import type { UserOption } from "../../schemas/plugin-manifest.ts";
import { shellWord } from "../../schemas/shell-word.ts";
import type { VerbContext } from "../context.ts";
import { valueOf, type ParsedArguments } from "../flags.ts";
import { absolutePath, kindAt } from "../path.ts";
import { isTerminal } from "../print/is-terminal.ts";

/** Where a value is read from when it is none of the words. */
export type ValueSource =
  | { readonly kind: "stdin" }
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "keytar"; readonly name: string };

/** Reads `--stdin`, `--from-env NAME` and `--from-keytar SERVICE/ACCOUNT`. Throws `E_USAGE` for two of them, or beside words. */
export function valueSource(args: ParsedArguments, hasWords: boolean): ValueSource | undefined {
  const name = valueOf(args, "from-env");
  const entry = valueOf(args, "from-keytar");
  const stdin = args.switches.has("stdin");
  const count = [hasWords, name !== undefined, entry !== undefined, stdin].filter(Boolean).length;
  if (count > 1) {
    throw new CodedError("E_USAGE", "the value is given twice", {
      hint: "give it as words, with `--stdin`, with `--from-env`, or with `--from-keytar`",
    });
  }
  if (name !== undefined) return { kind: "environment", name };
  if (entry !== undefined) return { kind: "keytar", name: entry };
  return stdin ? { kind: "stdin" } : undefined;
}

/**
 * The text that a source holds for an option. Throws `E_USAGE` when it holds none, or when a password of the keychain would come to lie in
 * settings; `E_NOT_FOUND` and `E_KEYCHAIN` of the keychain.
 */
export async function sourceText(
  source: ValueSource,
  key: string,
  { sensitive }: UserOption,
  environment: VerbContext["environment"],
): Promise<string> {
  if (source.kind === "keytar") {
    if (sensitive) return keytarPassword(source.name, environment);
    throw new CodedError("E_USAGE", `\`${key}\` is no secret: its value would lie in your settings for all to read`, {
      hint: "`--from-keytar` is for options that `plugin config list` calls secret; write the value after this one",
    });
  }
  if (source.kind === "stdin") {
    if (isTerminal(0)) {
      throw new CodedError("E_USAGE", "`--stdin` reads what another program prints, and here is a terminal", {
        hint: "without `--stdin` you are asked for the value",
      });
    }
    const text = readFileSync(0, "utf8").replace(/\r?\n$/u, "");
    if (text !== "") return text;
    throw new CodedError("E_USAGE", "`--stdin` was given, and nothing came", {
      hint: "`plugin config unset` removes a value",
    });
  }
  const text = environment[source.name];
  if (text !== undefined && text !== "") return text;
  throw new CodedError("E_USAGE", `the variable \`${source.name}\` is ${text === undefined ? "not set" : "empty"}`, {
    hint: "`--from-env` takes the name of a variable, not the value itself",
  });
}

/** A secret in the words of a command was seen by every program of the machine, and stays in the history of the shell. */
export function refuseSecretWord(id: string, key: string): CodedError {
  const words = `plugin config set ${shellWord(id)} ${shellWord(key)}`;
  return new CodedError(
    "E_USAGE",
    `\`${key}\` of \`${id}\` is secret and may not stand in the command line, which other programs and your shell's history keep`,
    {
      hint: `\`${words}\` asks for it, \`--stdin\` reads it, \`--from-env NAME\` takes it from a variable; take this one for known to others`,
    },
  );
}

/** The value that texts stand for, paths made absolute. Throws `E_OPTION`, without the text when it is secret. */
export function fittingValue(
  {
    id,
    key,
    option,
    cwd,
  }: { readonly id: string; readonly key: string; readonly option: UserOption; readonly cwd: string },
  words: readonly string[],
): unknown {
  const isPath = option.type === "directory" || option.type === "file";
  const value = typedValue(option, isPath ? words.map((word) => absolutePath(word, cwd)) : words);
  const wanted = wantedValue(option, value);
  if (wanted === undefined && value !== "") return value;
  const given = option.sensitive ? "" : `, not \`${words.join(" ")}\``;
  throw new CodedError("E_OPTION", `\`${key}\` of \`${id}\` must be ${wanted ?? "a text that is not empty"}${given}`, {
    hint: value === "" ? "`plugin config unset` removes a value" : option.title,
  });
}

/** What is odd about a path that was given; a folder may be made later. */
export function pathRemark({ type }: UserOption, value: unknown, cwd: string): string | undefined {
  if ((type !== "directory" && type !== "file") || typeof value !== "string") return undefined;
  const kind = kindAt(value, cwd);
  if (kind === type) return undefined;
  return `\`${value}\` ${kind === undefined ? "does not exist yet" : `is a ${kind}, and the option wants a ${type}`}`;
}
