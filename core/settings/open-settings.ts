import { isDeepStrictEqual } from "node:util";
import type { Audit } from "../../plugin-api/service-contracts.ts";
import { settingsService, type LayeredValue, type Settings } from "../../plugin-api/services/settings.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { readManagedFiles, type ManagedFile } from "../platform/managed-files.ts";
import type { HostService } from "../services/service-registry.ts";
import {
  layersOf,
  loadSettings,
  type LoadedSettings,
  type SettingsSources,
  type WithheldFile,
} from "./load-settings.ts";
import { settingsPlaces } from "./settings-files.ts";
import { SettingsWatcher } from "./settings-watcher.ts";
import { writeSetting } from "./write-setting.ts";

/** What settings are opened with. */
export interface SettingsOptions extends Pick<SettingsSources, "workspace" | "flags"> {
  /** Whether the values of `--settings` still count; asked at each reading. Default: they do. */
  readonly flagsAllowed?: (() => boolean) | undefined;
  readonly audit: Audit;
  /** The managed files as they were read last; default: those of this machine. */
  readonly managed?: (() => readonly ManagedFile[]) | undefined;
  /** A listener threw. */
  readonly failed: (error: unknown) => void;
}

/** The settings of a session. */
export interface OpenSettings {
  /** As whoever runs the host sees them. */
  readonly settings: Settings;
  readonly service: HostService;
  /** What is wrong with the files as they are now. */
  diagnostics(): readonly Diagnostic[];
  /** Files of the workspace that were left out because nobody trusts it. */
  withheld(): readonly WithheldFile[];
  /** Reads every layer again; listeners hear of it when something changed. Managed files are not watched here. */
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

  constructor(options: SettingsOptions) {
    this.#options = options;
    // Watched before they are read, so that no change falls between the two.
    const files = settingsPlaces(options.workspace).map(({ file }) => file);
    this.#watcher = new SettingsWatcher(files, () => this.refresh());
    try {
      this.#loaded = loadSettings(this.#sources());
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
          writeSetting(workspace, layer, key, value);
        } catch (error) {
          audit.append({ ...record, outcome: "failed" });
          throw error;
        }
        this.refresh();
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

  refresh(): void {
    try {
      const before = this.#loaded.texts;
      this.#loaded = loadSettings(this.#sources(), this.#loaded);
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
