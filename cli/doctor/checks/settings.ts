import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadPolicy } from "../../../core/settings/policy-documents.ts";
import { openConsentStore } from "../../../core/trust/consent-store.ts";
import { openWorkspaceTrust } from "../../../core/trust/workspace-trust.ts";
import { readAgentState } from "../../../marketplace/agents/agent-state.ts";
import { type Check, type Finding, findingOf } from "../../../marketplace/doctor/finding.ts";
import { keepAside } from "../../../marketplace/generations/state-files.ts";
import type { Home } from "../../../marketplace/home.ts";
import type { Diagnostic } from "../../../schemas/diagnostic.ts";
import { isCodedError } from "../../../schemas/errors.ts";
import { readSettings } from "../../../schemas/settings-file.ts";

/** The person's settings and what administrators say. */
export const settings: Check = {
  name: "settings",
  find: async ({ services: { home } }) => {
    const file = join(home.directory, "settings.json");
    const own = existsSync(file) ? readSettings(readFileSync(file, "utf8"), file).diagnostics : [];
    const { documents } = await loadPolicy();
    return [...own, ...documents.flatMap(({ diagnostics }) => diagnostics)].map((diagnostic) => ({
      ...diagnostic,
      check: "settings",
    }));
  },
};

/** Files of the state whose damage is noticed only when they are used. */
export const stateFiles: Check = {
  name: "state files",
  find: ({ services: { home, exclusively, now } }): readonly Finding[] => {
    const readers: readonly (readonly [file: string, read: (file: string) => readonly Diagnostic[]])[] = [
      [join(home.state, "consent.json"), (file) => consents(file, now)],
      [trustFile(home), (file) => trusted(file, now)],
      [home.agentState, (file) => (readAgentState(file), [])],
    ];
    return readers.flatMap(([file, read]) => {
      const putAside = {
        does: `put \`${file}\` aside`,
        isOurs: true,
        run: () => exclusively(() => void keepAside(file, existsSync)),
      };
      try {
        return read(file).map((diagnostic) => ({ ...diagnostic, check: "state files", repair: putAside }));
      } catch (error) {
        const isNewer = isCodedError(error) && error.code !== "E_STATE_CORRUPT";
        return [findingOf("state files", error, isNewer ? {} : { repair: putAside })];
      }
    });
  },
};

function consents(file: string, now: () => Date): readonly Diagnostic[] {
  const store = openConsentStore(file, now);
  store.last("");
  return store.diagnostics();
}

function trusted(file: string, now: () => Date): readonly Diagnostic[] {
  const trust = openWorkspaceTrust(file, now);
  trust.list();
  return trust.diagnostics();
}

function trustFile(home: Home): string {
  return join(home.state, "trust.json");
}
