import { CodedError, isCodedError } from "./errors.ts";
import type { ErrorCode } from "./errors.ts";
import { placeOf } from "./json-text.ts";
import type { JsonDocument } from "./json-text.ts";

type Path = readonly (string | number)[];

/** What a file of ours is read in: its positions and the error that a wrong field makes. */
export interface OwnFile {
  readonly json: JsonDocument;
  readonly file: string;
  readonly code: Extract<ErrorCode, "E_SCHEMA" | "E_STATE_CORRUPT">;
  readonly hint: string;
}

/** Reads the members of one object of a file of ours; a member of a wrong type ends the operation with its position. */
export class ObjectReader {
  readonly #file: OwnFile;
  readonly #path: Path;
  readonly #object: Readonly<Record<string, unknown>>;

  constructor(file: OwnFile, value: unknown, path: Path = []) {
    this.#file = file;
    this.#path = path;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw this.#error(path, `${path.length === 0 ? "the file" : shown(path)} must be an object`);
    }
    this.#object = { ...value };
  }

  /** The schema number, checked against the newest that is known. */
  schema(newest: number): void {
    const value = this.#object["schema"];
    if (value === newest) return;
    const { file, json } = this.#file;
    if (typeof value === "number" && value > newest) {
      throw new CodedError(
        "E_SCHEMA_NEWER",
        `\`${file}\` has schema ${value}, and this Plugsmith knows up to ${newest}`,
        {
          where: placeOf(file, json.locate(["schema"])),
          hint: "update Plugsmith",
        },
      );
    }
    throw this.fail("schema", `must be ${newest}`);
  }

  get keys(): readonly string[] {
    return Object.keys(this.#object);
  }

  raw(key: string): unknown {
    return this.#object[key];
  }

  text(key: string): string {
    const value = this.#object[key];
    if (typeof value === "string") return value;
    throw this.fail(key, "must be text");
  }

  optionalText(key: string): string | undefined {
    return this.#object[key] === undefined ? undefined : this.text(key);
  }

  flag(key: string, absent: boolean): boolean {
    const value = this.#object[key];
    if (value === undefined) return absent;
    if (typeof value === "boolean") return value;
    throw this.fail(key, "must be `true` or `false`");
  }

  texts(key: string): readonly string[] {
    const value = this.#object[key];
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
    throw this.fail(key, "must be a list of texts");
  }

  object(key: string): ObjectReader {
    return new ObjectReader(this.#file, this.#object[key], [...this.#path, key]);
  }

  /** Every member of the object at `key`, read by `read`; an absent one is empty. */
  map<T>(key: string, read: (members: ObjectReader, name: string) => T): Readonly<Record<string, T>> {
    if (this.#object[key] === undefined) return {};
    const members = this.object(key);
    const result: Record<string, T> = {};
    for (const name of members.keys) result[name] = read(members, name);
    return result;
  }

  /** Runs a check of a member and gives its error the position of that member. */
  checked<T>(key: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const where = placeOf(this.#file.file, this.#file.json.locate([...this.#path, key]));
      const message = `\`${this.#file.file}\`: ${shown([...this.#path, key])}: ${error.message}`;
      throw new CodedError(error.code, message, { where, hint: error.hint, cause: error });
    }
  }

  /** The error of a member; `problem` is a clause such as `must be text`. */
  fail(key: string, problem: string): CodedError {
    return this.#error([...this.#path, key], `${shown([...this.#path, key])} ${problem}`);
  }

  #error(path: Path, message: string): CodedError {
    const { file, json, code, hint } = this.#file;
    return new CodedError(code, `\`${file}\`: ${message}`, { where: placeOf(file, json.locate(path)), hint });
  }
}

function shown(path: Path): string {
  return `\`${path.join(".")}\``;
}
