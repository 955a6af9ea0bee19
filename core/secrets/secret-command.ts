import { CodedError } from "../../schemas/errors.ts";
import { escapeControl } from "../../schemas/names.ts";
import { isRecord } from "../../schemas/record.ts";
import { runSecretProcess } from "./secret-process.ts";

/** What is run for secrets, `secrets.command` of the settings: words of a program, never a line for a shell. */
export interface SecretCommand {
  readonly get: readonly string[];
  readonly set?: readonly string[] | undefined;
  readonly delete?: readonly string[] | undefined;
  /** Exit codes that mean "there is none"; success without output means it too. */
  readonly notFound: readonly number[];
}

const HINT =
  'for example `"command": {"get": ["pass", "show", "plugsmith/{entry}"], "set": ["pass", "insert", "-m", "-f", "plugsmith/{entry}"], "delete": ["pass", "rm", "-f", "plugsmith/{entry}"], "notFound": [1]}`';

/** Reads `secrets.command`. Throws `E_KEYCHAIN` that names the file and what is wrong. */
export function readSecretCommand(value: unknown, file: string): SecretCommand {
  const wrong = (problem: string): CodedError =>
    new CodedError("E_KEYCHAIN", `\`secrets.command\` ${problem}`, { where: file, hint: HINT });
  if (!isRecord(value)) throw wrong("is no object, and `secrets.backend` is `command`");
  const words = (key: "get" | "set" | "delete"): readonly string[] | undefined => {
    const list = value[key];
    if (list === undefined) return undefined;
    const isWords = Array.isArray(list) && list.length > 0 && list.every((word) => typeof word === "string");
    if (isWords && list[0] !== "") return list;
    throw wrong(`has a \`${key}\` that is no list of texts: a program and its arguments`);
  };
  const { notFound = [] } = value;
  if (!Array.isArray(notFound) || !notFound.every((code) => Number.isInteger(code) && code > 0)) {
    throw wrong("has a `notFound` that is no list of exit codes");
  }
  const command = { get: words("get"), set: words("set"), delete: words("delete"), notFound };
  const { get } = command;
  if (get === undefined) throw wrong("has no `get`");
  const isEntry = mentions(get, "entry");
  if (isEntry === (mentions(get, "plugin") && mentions(get, "name"))) {
    throw wrong("names in `get` neither `{entry}`, nor `{plugin}` and `{name}`, or both");
  }
  if (!isEntry && (command.set ?? command.delete) !== undefined) {
    throw wrong("can `set` and `delete` whole entries (`{entry}`) only, not single values");
  }
  if ((command.set === undefined) !== (command.delete === undefined)) throw wrong("has `set` or `delete` alone");
  for (const list of [command.set, command.delete]) {
    if (list !== undefined && !mentions(list, "entry")) throw wrong("names no `{entry}` in `set` or `delete`");
  }
  return { ...command, get };
}

/** Whether single values are got, which somebody else put there. */
export function isOfValues({ get }: SecretCommand): boolean {
  return !mentions(get, "entry");
}

function mentions(words: readonly string[], name: string): boolean {
  return words.slice(1).some((word) => word.includes(`{${name}}`));
}

/** What a placeholder stands for. */
export type CommandValues = Readonly<Partial<Record<"entry" | "plugin" | "name", string>>>;

/** A run that was made; `undefined` for output where the program said that there is nothing. */
export async function runSecretCommand(
  words: readonly string[],
  options: {
    readonly values: CommandValues;
    readonly notFound: readonly number[];
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly input?: string | undefined;
  },
): Promise<{ readonly output: string } | undefined> {
  const [program = "", ...args] = words.map((word, at) => (at === 0 ? word : filled(word, options.values)));
  const end = await runSecretProcess(program, args, options.environment, options.input);
  if (end.code === 0) return { output: end.output };
  if (end.code !== null && options.notFound.includes(end.code)) return undefined;
  const said = end.complaint.trim().split("\n").at(-1) ?? "";
  throw new CodedError(
    "E_KEYCHAIN",
    `\`${program}\`, which keeps your secrets, ${end.problem}${said === "" ? "" : `: ${escapeControl(said).slice(0, 300)}`}`,
    {
      hint: "run it yourself to see what it wants; exit codes that mean `there is none` belong into `secrets.command.notFound`",
    },
  );
}

function filled(word: string, values: CommandValues): string {
  return word.replaceAll(
    /\{(entry|plugin|name)\}/gu,
    (whole, key: "entry" | "plugin" | "name") => values[key] ?? whole,
  );
}
