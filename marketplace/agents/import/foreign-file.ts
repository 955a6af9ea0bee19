import { isCodedError } from "../../../schemas/errors.ts";
import { readJson } from "../../../schemas/json-text.ts";
import { isRecord } from "../../../schemas/record.ts";
import { readCommentedJson } from "../../../schemas/settings-edit.ts";
import { readTextIfPresent } from "../../generations/state-files.ts";
import { parsedToml } from "../toml.ts";
import type { Unplaced } from "./holding.ts";

/** A JSON or TOML object of somebody else. */
export type ForeignRecord = Readonly<Record<string, unknown>>;

/** How much of a file is read: histories of conversations lie in some. */
const MAX_BYTES = 32_000_000;

/** Reads files of agents. One whose content makes no sense is told of and counts as empty; what the disk refuses throws `E_IO`. */
export class ForeignFiles {
  readonly #unplaced: Unplaced[] = [];

  /** What could not be read or placed so far. */
  get unplaced(): readonly Unplaced[] {
    return this.#unplaced;
  }

  /** Tells of something that has no place here. */
  refuse(what: string, where: string, why: string): void {
    this.#unplaced.push({ what, where, why });
  }

  /** A JSON object; some agents allow comments. */
  json(file: string, options: { readonly comments: boolean } = { comments: false }): ForeignRecord {
    return this.#read(file, (text) =>
      options.comments
        ? readCommentedJson(text, file)
        : readJson(text, { file, dangerousKeys: "drop", maxBytes: MAX_BYTES }).value,
    );
  }

  /** A TOML table. */
  async toml(file: string): Promise<ForeignRecord> {
    const text = this.#text(file);
    if (text === undefined) return {};
    try {
      const value = await parsedToml(text, file);
      return this.#parsed(file, () => value);
    } catch (error) {
      this.#tell(file, error);
      return {};
    }
  }

  #read(file: string, parse: (text: string) => unknown): ForeignRecord {
    const text = this.#text(file);
    return text === undefined ? {} : this.#parsed(file, () => parse(text));
  }

  #text(file: string): string | undefined {
    try {
      return readTextIfPresent(file);
    } catch (error) {
      this.#tell(file, error);
      return undefined;
    }
  }

  #parsed(file: string, parse: () => unknown): ForeignRecord {
    try {
      const value = parse();
      if (isRecord(value)) return value;
      this.refuse("the whole file", file, "it is no object");
    } catch (error) {
      this.#tell(file, error);
    }
    return {};
  }

  #tell(file: string, error: unknown): void {
    // What the agent has is not known then, and to say that nothing is there would be untrue.
    if (!isCodedError(error) || error.code === "E_IO") throw error;
    this.refuse("the whole file", error.where ?? file, error.message);
  }
}

/** A member that is an object; `{}` when it is not. */
export function objectAt(value: unknown, ...path: readonly string[]): ForeignRecord {
  const found = path.reduce<unknown>(
    (at, key) => (isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined),
    value,
  );
  return isRecord(found) ? found : {};
}

/** A member that is a text. */
export function textAt(value: ForeignRecord, key: string): string | undefined {
  const found = Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof found === "string" && found !== "" ? found : undefined;
}
