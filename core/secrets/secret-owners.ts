import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../platform/durable-file.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { parseState } from "../platform/state-file.ts";
import type { SecretOwner } from "./secret-store.ts";

const SCHEMA = 1;

/**
 * Who has an entry in the keychain of the system, which nobody can ask for a list: one file an owner, so that sessions write
 * without waiting for each other. An owner is recorded before the entry is made; the secrets themselves never are.
 */
export class SecretOwners {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Throws `E_IO`. */
  add(owner: SecretOwner): void {
    const file = this.#file(owner);
    const { id, identity } = owner;
    const text = `${JSON.stringify({ schema: SCHEMA, id, identity })}\n`;
    replaceFile(file, text, { temporary: `${file}.${process.pid}.new` });
  }

  /** Throws `E_IO`, and `E_SCHEMA_NEWER` for a record of a newer Plugsmith. */
  list(): readonly SecretOwner[] {
    return this.#names().flatMap((name): readonly SecretOwner[] => {
      const file = join(this.#directory, name);
      const { id, identity } = parseState(readFileSync(file, "utf8"), file, SCHEMA) ?? {};
      return typeof id === "string" && typeof identity === "string" ? [{ id, identity }] : [];
    });
  }

  remove(owner: SecretOwner): void {
    rmSync(this.#file(owner), { force: true });
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#directory).filter((name) => name.endsWith(".json"));
    } catch (error) {
      if (isSystemError(error) && error.code === "ENOENT") return [];
      throw ioError("list", this.#directory, error);
    }
  }

  #file({ id, identity }: SecretOwner): string {
    return join(this.#directory, `${createHash("sha256").update(`${id} ${identity}`).digest("hex")}.json`);
  }
}
