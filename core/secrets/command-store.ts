import { createHash } from "node:crypto";
import { CodedError } from "../../schemas/errors.ts";
import { EntryStore } from "./entry-store.ts";
import { isOfValues, runSecretCommand, type SecretCommand } from "./secret-command.ts";
import type { SecretEntries, SecretKind, SecretOwner, SecretStore } from "./secret-store.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The secrets that a program of the person keeps: one entry an owner, or single values that can only be read. */
export function commandStore(command: SecretCommand, environment: Environment): SecretStore {
  return isOfValues(command)
    ? new CommandValues(command, environment)
    : new EntryStore(commandEntries(command, environment));
}

function commandEntries(command: SecretCommand, environment: Environment): SecretEntries {
  const run = (words: readonly string[] | undefined, owner: SecretOwner, input?: string) => {
    if (words === undefined) throw readOnly("has no `set` and no `delete`");
    // What is put somewhere cannot be missing there.
    const notFound = input === undefined ? command.notFound : [];
    return runSecretCommand(words, { values: { entry: entryName(owner) }, notFound, environment, input });
  };
  return {
    read: async (owner) => {
      const output = (await run(command.get, owner))?.output.trim() ?? "";
      return output === "" ? undefined : output;
    },
    write: async (owner, text) => void (await run(command.set, owner, `${text}\n`)),
    remove: async (owner) => (await run(command.delete, owner)) !== undefined,
  };
}

class CommandValues implements SecretStore {
  readonly #command: SecretCommand;
  readonly #environment: Environment;

  constructor(command: SecretCommand, environment: Environment) {
    this.#command = command;
    this.#environment = environment;
  }

  async get({ id }: SecretOwner, _kind: SecretKind, name: string): Promise<string | undefined> {
    const { get, notFound } = this.#command;
    const values = { plugin: wordOf(id), name: wordOf(name) };
    const output = (await runSecretCommand(get, { values, notFound, environment: this.#environment }))?.output ?? "";
    const value = output.replace(/\r?\n$/u, "");
    return value === "" ? undefined : value;
  }

  async set(): Promise<void> {
    throw readOnly("gets single values");
  }

  async delete(): Promise<boolean> {
    throw readOnly("gets single values");
  }

  async forget(): Promise<boolean> {
    return false;
  }
}

/** Another source of the same id has another one (attacks.md SC07). */
function entryName({ id, identity }: SecretOwner): string {
  return `${wordOf(id)}/${createHash("sha256").update(identity).digest("hex").slice(0, 16)}`;
}

/** No name leads out of its folder, to another plugin's secret, or is a flag. */
function wordOf(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll("%40", "@")
    .replace(/^[-.~]/u, (first) => `%${first.charCodeAt(0).toString(16).toUpperCase()}`);
}

function readOnly(why: string): CodedError {
  return new CodedError("E_KEYCHAIN", `\`secrets.backend\` is \`command\`, which can be read only: it ${why}`, {
    hint: "keep the value with that program yourself, or give it `set` and `delete` for whole entries (`{entry}`)",
  });
}
