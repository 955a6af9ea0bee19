import { Backends } from "../../../core/secrets/backends.ts";
import { keychainEntries } from "../../../core/secrets/keychain-entries.ts";
import type { Check } from "../../../marketplace/doctor/finding.ts";
import { isCodedError } from "../../../schemas/errors.ts";
import { settingsHere } from "../../config/option-files.ts";
import type { VerbContext } from "../../context.ts";

/** How long the system may take to say that it has no such secret. */
const DEADLINE_MS = 5_000;

/** Whether secrets could be kept, where the person keeps them; a machine without a keychain is not broken, so it is only said. */
export const keychain = (context: VerbContext): Check => ({
  name: "keychain",
  find: async ({ services: { home } }) => {
    try {
      const { settings } = settingsHere(context);
      const backends = new Backends({ settings, environment: context.environment, directory: home.encryptedSecrets });
      if (backends.chosen() !== "keychain") return [];
      await keychainEntries(DEADLINE_MS).read({ id: "doctor", identity: "plugsmith" });
      return [];
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const { message, hint } = error;
      return [{ check: "keychain", code: "I_KEYCHAIN", severity: "info", message, hint }];
    }
  },
});
