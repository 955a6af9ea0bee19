import { isDeepStrictEqual } from "node:util";
import type { Audit } from "../../plugin-api/service-contracts.ts";
import { settingsService, type LayeredValue, type Settings } from "../../plugin-api/services/settings.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { editJson } from "../../schemas/settings-edit.ts";
import { readManagedFiles, type ManagedFile } from "../platform/managed-files.ts";
import type { HostService } from "../services/service-registry.ts";
import {
  layersOf,
  loadSettings,
  readSettingsTexts,
  type LoadedSettings,
  type SettingsSources,
  type SettingsTexts,
  type WithheldFile,
} from "./load-settings.ts";
import { readSettingsText, settingsPlaces, type SettingsPlace } from "./settings-files.ts";
import { SettingsWatcher } from "./settings-watcher.ts";
import { writeSetting } from "./write-setting.ts";

/** What settings are opened with. */
export interface SettingsOptions extends Pick<SettingsSources, "workspace" | "flags"> {
  /** Whether the values of `--settings` still count; asked at each reading. Default: they do. */
  readonly flagsAllowed?: (() => boolean) | undefined;
  readonly audit: Audit;
  /** The managed files as they were read last; default: those of this machine. */
  readonly managed?: (() => readonly ManagedFile[]) | undefined;
  /** Whether a file that changed counts from now on; absent: every one does. Not asked about what `set` writes, nor managed files. */
  readonly admits?: ((place: SettingsPlace) => Promise<boolean>) | undefined;
  /** A listener threw. */
  readonly failed: (error: unknown) => void;
}

/** The settings of a session. */
export interface OpenSettings {
  /** As whoever runs the host sees them. */
  readonly settings: Settings;
  readonly service: HostService;
  /** The text of a file that counts: of one whose change was not admitted the old one. */
  textOf(file: string): string | undefined;
  /** What is wrong with the files as they are now. */
  diagnostics(): readonly Diagnostic[];
  /** Files of the workspace that were left out because nobody trusts it. */
  withheld(): readonly WithheldFile[];
  /** Takes what administrators say now, which is not watched here; listeners hear of it when something changed. */
  refresh(): void;
  /** Ends the watching. */
  dispose(): void;
}

/** Reads and watches every layer of settings. Throws what a `--settings` that cannot be read is refused with. */
export function openSettings(options: SettingsOptions): OpenSettings {
  const held = new HeldSettings(options);
  return {
    settings: held.as("host"),
    service: { key: settingsService.key, open: ({ id }) => held.as(id) },
    textOf: (file) => held.loaded.texts.get(file),
    diagnostics: () => held.loaded.diagnostics,
    withheld: () => held.loaded.withheld,
    refresh: () => held.refresh(),
    dispose: () => held.dispose(),
  };
}

class HeldSettings {
  readonly #options: SettingsOptions;
  readonly #listeners = new Set<() => void>();
  readonly #watcher: SettingsWatcher;
  #loaded: LoadedSettings;
  /** What the files held when they were last looked at. */
  #seen: SettingsTexts;
  /** What counts in place of changes that were not admitted, by file. */
  readonly #kept = new Map<string, string | undefined>();
  #asking: Promise<void> = Promise.resolve();

  constructor(options: SettingsOptions) {
    this.#options = options;
    // Watched before they are read, so that no change falls between the two.
    const files = settingsPlaces(options.workspace).map(({ file }) => file);
    this.#watcher = new SettingsWatcher(files, () => this.#changed());
    try {
      this.#seen = readSettingsTexts(options.workspace);
      this.#loaded = loadSettings(this.#sources(), undefined, this.#seen);
    } catch (error) {
      this.#watcher.close();
      throw error;
    }
  }

  get loaded(): LoadedSettings {
    return this.#loaded;
  }

  as(plugin: string): Settings {
    return {
      layers: (key) => this.#layers(key),
      get: (key) => this.#layers(key)[0]?.value,
      onChange: (listener) => {
        this.#listeners.add(listener);
        return { dispose: () => void this.#listeners.delete(listener) };
      },
      set: (layer, key, value) => {
        const { audit, workspace } = this.#options;
        const record = { action: "settings set", subject: key, detail: { layer, plugin } };
        audit.append({ ...record, outcome: "allowed" });
        try {
          const file = writeSetting(workspace, layer, key, value);
          this.#reload(this.#afterWriting(file, key, value));
        } catch (error) {
          audit.append({ ...record, outcome: "failed" });
          throw error;
        }
      },
    };
  }

  dispose(): void {
    this.#watcher.close();
    this.#listeners.clear();
  }

  #layers(key: string): readonly LayeredValue[] {
    return layersOf(this.#loaded, key);
  }

  #sources(): SettingsSources {
    const { workspace, flags, flagsAllowed = () => true, managed = readManagedFiles } = this.#options;
    return { workspace, flags: flagsAllowed() ? flags : [], managed: managed() };
  }

  /** Files of people and projects count as they did: their changes come by the watcher, and may have to be admitted. */
  refresh(): void {
    this.#reload(this.#seen);
  }

  /**
   * What of the files counts as seen after one was written: that one alone. Where it held changes that were not admitted, or not
   * yet asked about, they stay so, and what was written counts beside the old values.
   */
  #afterWriting(file: string, key: string, value: unknown): SettingsTexts {
    const { admits, workspace } = this.#options;
    if (admits === undefined) return readSettingsTexts(workspace);
    const before = this.#loaded.texts.get(file) ?? "";
    const wanted = editJson(before.trim() === "" ? "{}\n" : before, [{ path: [key], value }], file);
    const written = readSettingsText(file);
    if (written === wanted) return { ...this.#seen, texts: new Map([...this.#seen.texts, [file, written]]) };
    this.#kept.set(file, wanted);
    return this.#seen;
  }

  #changed(): void {
    if (this.#options.admits === undefined) this.#reload(readSettingsTexts(this.#options.workspace));
    else this.#asking = this.#asking.then(() => this.#ask()).catch((error: unknown) => this.#options.failed(error));
  }

  /** Takes the changes that are admitted; one after the other, since whoever is asked takes their time. */
  async #ask(): Promise<void> {
    const { admits = async () => true, workspace } = this.#options;
    const seen = this.#seen;
    const now = readSettingsTexts(workspace);
    for (const place of settingsPlaces(workspace)) {
      const { file } = place;
      if (now.texts.get(file) === seen.texts.get(file)) continue;
      if (await admits(place)) this.#kept.delete(file);
      else if (!this.#kept.has(file)) this.#kept.set(file, seen.texts.get(file));
    }
    // Something was written meanwhile.
    if (this.#seen === seen) this.#reload(now);
    else await this.#ask();
  }

  /** Takes what was read of the files, but for what was not admitted, and tells the listeners. */
  #reload(seen: SettingsTexts): void {
    try {
      const before = this.#loaded.texts;
      this.#seen = seen;
      const texts = new Map([...seen.texts, ...this.#kept]);
      this.#loaded = loadSettings(this.#sources(), this.#loaded, { ...seen, texts });
      if (isDeepStrictEqual(this.#loaded.texts, before)) return;
    } catch (error) {
      // A file of `--settings` is gone: what was read of it holds for the run.
      this.#options.failed(error);
      return;
    }
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        this.#options.failed(error);
      }
    }
  }
}
