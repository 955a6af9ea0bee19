const PLACEHOLDER = /\$\{(user_config\.)?([A-Za-z_]\w*)(?::-([^}]*))?\}/gu;

/** What placeholders stand for, see formats.md §1.6. */
export interface PlaceholderValues {
  /** Directories of the plugin and the project, by placeholder name. */
  readonly directories: Readonly<Record<string, string>>;
  /** Values of the plugin's options; a missing one is reported. */
  readonly options: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

/** Puts values in place of `${…}` in one pass: a value is never expanded again. Collects the names that have no value. */
export class Placeholders {
  readonly missing: Set<string> = new Set();
  readonly #values: PlaceholderValues;

  constructor(values: PlaceholderValues) {
    this.#values = values;
  }

  /** A name without value and default stays as it is written. */
  expand(text: string): string {
    return text.replaceAll(PLACEHOLDER, (whole, option: string | undefined, name: string, otherwise?: string) => {
      const value = option === undefined ? this.#variable(name) : own(this.#values.options, name);
      if (value !== undefined && (value !== "" || otherwise === undefined)) return value;
      if (otherwise !== undefined) return otherwise;
      this.missing.add(option === undefined ? name : `user_config.${name}`);
      return whole;
    });
  }

  expandAll(texts: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, this.expand(text)]));
  }

  #variable(name: string): string | undefined {
    return own(this.#values.directories, name) ?? own(this.#values.environment, name);
  }
}

/** The option keys that texts mention. */
export function mentionedOptions(texts: readonly string[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const text of texts) {
    for (const [, option, name] of text.matchAll(PLACEHOLDER)) {
      if (option !== undefined && name !== undefined) keys.add(name);
    }
  }
  return keys;
}

function own(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
