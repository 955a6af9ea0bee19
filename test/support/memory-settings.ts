import type { LayeredValue, Settings, SettingsLayer } from "../../plugin-api/index.ts";

const ORDER: readonly SettingsLayer[] = ["managed", "flags", "local", "project", "user"];

/** One file of settings. */
export interface SettingsFile {
  readonly layer: SettingsLayer;
  readonly file: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Settings of files that stand in the test itself. */
export class MemorySettings implements Settings {
  #files: readonly SettingsFile[];
  readonly #listeners = new Set<() => void>();

  constructor(files: readonly SettingsFile[]) {
    this.#files = files;
  }

  layers(key: string): readonly LayeredValue[] {
    return ORDER.flatMap((layer) =>
      this.#files
        .filter((file) => file.layer === layer && Object.hasOwn(file.values, key))
        .map(({ file, values }) => ({ layer, file, value: values[key] })),
    );
  }

  get(key: string): unknown {
    return this.layers(key)[0]?.value;
  }

  onChange(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  set(layer: "local" | "project" | "user", key: string, value: unknown): void {
    const present = this.#files.find((file) => file.layer === layer) ?? { layer, file: `/${layer}.json`, values: {} };
    const changed = { ...present, values: { ...present.values, [key]: value } };
    this.#files = [...this.#files.filter((file) => file !== present), changed];
    for (const listener of this.#listeners) listener();
  }
}
