import type { SettingsLayer } from "plugsmith/plugin-api";

/** Where a rule stands. */
export interface RuleSource {
  /** `session`: chosen by the person for the session; `turn`: granted by a skill or command until the next prompt. */
  readonly layer: SettingsLayer | "session" | "turn";
  readonly file?: string | undefined;
}
