/** Reads the parameters of a message of a plugin's process, each of which can be anything. */
export class Untrusted {
  readonly #fields: Readonly<Record<string, unknown>>;

  /** Throws for what is no object. */
  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new TypeError("the parameters of a message must be an object");
    }
    this.#fields = value as Readonly<Record<string, unknown>>;
  }

  raw(key: string): unknown {
    return this.#fields[key];
  }

  text(key: string): string {
    const value = this.#fields[key];
    if (typeof value !== "string" || value.length > 10_000) throw new TypeError(`\`${key}\` must be a text`);
    return value;
  }

  number(key: string): number {
    const value = this.#fields[key];
    if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new TypeError(`\`${key}\` must be a number`);
    return value;
  }

  flag(key: string): boolean {
    return this.#fields[key] === true;
  }

  /** `undefined` where it is absent. */
  texts(key: string): readonly string[] | undefined {
    const value = this.#fields[key];
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.length <= 10_000 && value.every((item) => typeof item === "string")) return value;
    throw new TypeError(`\`${key}\` must be a list of texts`);
  }

  list(key: string): readonly unknown[] {
    const value = this.#fields[key];
    if (!Array.isArray(value)) throw new TypeError(`\`${key}\` must be a list`);
    return value;
  }

  /** A positive number of milliseconds; `null` is without a limit. */
  budget(key: string): number | undefined {
    const value = this.#fields[key];
    if (value === undefined) return undefined;
    if (value === null) return Infinity;
    if (typeof value !== "number" || value <= 0) throw new TypeError(`\`${key}\` must be a number above zero`);
    return value;
  }

  inner(key: string): Untrusted {
    return new Untrusted(this.#fields[key] ?? {});
  }
}
