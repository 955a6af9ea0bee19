import { defineService, type Service } from "../service.ts";

/** From strongest to weakest. */
export type SettingsLayer = "managed" | "flags" | "local" | "project" | "user";

/** One value with the file that it stands in. */
export interface LayeredValue {
  readonly layer: SettingsLayer;
  /** Absolute path, or the flag. */
  readonly file: string;
  readonly value: unknown;
}

/** The merged settings of the session, DESIGN §4 and formats.md §8. A layer of an untrusted workspace does not widen anything. */
export interface Settings {
  /** Every layer that sets a top-level key, strongest first. */
  layers(key: string): readonly LayeredValue[];
  /** The strongest value of a top-level key. */
  get(key: string): unknown;
  /** Called after a file of settings changed. */
  onChange(listener: () => void): { dispose(): void };
  /** Writes a top-level key into a person's file, keeping its comments, order and unknown keys. */
  set(layer: "local" | "project" | "user", key: string, value: unknown): void;
}

/** Provided by core. */
export const settingsService: Service<Settings> = defineService("plugsmith/settings");
