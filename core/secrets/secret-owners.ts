import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../platform/durable-file.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { parseState } from "../platform/state-file.ts";
import { isBackend, type SecretBackend } from "../../schemas/secret-backend.ts";
import type { SecretOwner } from "./secret-store.ts";

const SCHEMA = 1;

/** An owner, and where they have an entry. */
export interface KeptSecrets extends SecretOwner {
  readonly backend: SecretBackend;
}

/**
 * Who has an entry in a back end, which nobody can ask for a list: one file an owner and back end, so that sessions write without
 * waiting for each other. An owner is recorded before the entry is made; the secrets themselves never are.
 */
export class SecretOwners {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Throws `E_IO`. */
  add(owner: SecretOwner, backend: SecretBackend): void {
    const file = this.#file(owner, backend);
    const { id, identity } = owner;
    const text = `${JSON.stringify({ schema: SCHEMA, id, identity, backend })}\n`;
    replaceFile(file, text, { temporary: `${file}.${process.pid}.new` });
  }

  has(owner: SecretOwner, backend: SecretBackend): boolean {
    return existsSync(this.#file(owner, backend));
  }

  /** Throws `E_IO`, and `E_SCHEMA_NEWER` for a record of a newer Plugsmith. */
  list(): readonly KeptSecrets[] {
    return this.#names().flatMap((name): readonly KeptSecrets[] => {
      const file = join(this.#directory, name);
      // Before there were others, everybody was in the keychain.
      const { id, identity, backend = "keychain" } = parseState(readFileSync(file, "utf8"), file, SCHEMA) ?? {};
      if (typeof id !== "string" || typeof identity !== "string" || !isBackend(backend)) return [];
      return [{ id, identity, backend }];
    });
  }

  remove(owner: SecretOwner, backend: SecretBackend): void {
    rmSync(this.#file(owner, backend), { force: true });
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#directory).filter((name) => name.endsWith(".json"));
    } catch (error) {
      if (isSystemError(error) && error.code === "ENOENT") return [];
      throw ioError("list", this.#directory, error);
    }
  }

  #file({ id, identity }: SecretOwner, backend: SecretBackend): string {
    const digest = createHash("sha256").update(`${id} ${identity}`).digest("hex");
    return join(this.#directory, `${digest}${backend === "keychain" ? "" : `.${backend}`}.json`);
  }
}
