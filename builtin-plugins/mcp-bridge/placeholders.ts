import { fillPlaceholders } from "plugsmith/plugin-api";

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
    const { options, directories, environment } = this.#values;
    return fillPlaceholders(text, {
      options,
      variables: { ...environment, ...directories },
      defaults: true,
      missing: (name) => void this.missing.add(name),
    });
  }

  expandAll(texts: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, this.expand(text)]));
  }
}
