import { closeSync, readFileSync } from "node:fs";
import { CodedError } from "../../schemas/errors.ts";
import { ioError } from "../../schemas/system-error.ts";

/** The variable that holds the passphrase of the encrypted file; like every name that begins so, no other process gets it. */
const PASSPHRASE_VARIABLE = "PLUGSMITH_SECRET_PASSPHRASE";
/** The variable with the number of an open descriptor to read it from, which is closed then. */
const DESCRIPTOR_VARIABLE = "PLUGSMITH_SECRET_PASSPHRASE_FD";

/** Asks a person for the passphrase; `isNew` when it is about to be chosen. `undefined` when nobody can be asked. */
export type AskPassphrase = (isNew: boolean) => Promise<string | undefined>;

/** The passphrase of the encrypted file, got once and from where it was named first: descriptor, variable, person. */
export class Passphrase {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #ask: AskPassphrase;
  #got: Promise<string> | undefined;

  constructor(environment: Readonly<Record<string, string | undefined>>, ask: AskPassphrase = async () => undefined) {
    this.#environment = environment;
    this.#ask = ask;
  }

  /** Throws `E_KEYCHAIN` when there is none, `E_IO` for a descriptor that cannot be read. */
  get(isNew: boolean): Promise<string> {
    this.#got ??= this.#find(isNew);
    return this.#got;
  }

  async #find(isNew: boolean): Promise<string> {
    const descriptor = this.#environment[DESCRIPTOR_VARIABLE];
    const given =
      descriptor === undefined
        ? (this.#environment[PASSPHRASE_VARIABLE] ?? (await this.#ask(isNew)))
        : readDescriptor(descriptor);
    if (given !== undefined && given !== "") return given;
    const problem = given === undefined ? "is locked: nobody gave its passphrase" : "has no passphrase: it is empty";
    throw new CodedError("E_KEYCHAIN", `the encrypted file of secrets ${problem}`, {
      hint: `set \`${PASSPHRASE_VARIABLE}\`, or \`${DESCRIPTOR_VARIABLE}\` to the number of a descriptor to read it from; on a terminal \`plugin config\` asks`,
    });
  }
}

function readDescriptor(text: string): string {
  const descriptor = /^\d{1,5}$/u.test(text) ? Number(text) : -1;
  if (descriptor < 0) {
    throw new CodedError("E_KEYCHAIN", `\`${DESCRIPTOR_VARIABLE}\` is no number of a descriptor`, {
      hint: "for example `PLUGSMITH_SECRET_PASSPHRASE_FD=3 plugsmith 3< FILE`",
    });
  }
  try {
    const read = readFileSync(descriptor, "utf8");
    closeSync(descriptor);
    return read.replace(/\r?\n$/u, "");
  } catch (error) {
    throw ioError("read", `descriptor ${text}`, error);
  }
}
