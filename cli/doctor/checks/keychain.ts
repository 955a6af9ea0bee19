import { KeychainStore } from "../../../core/secrets/keychain-store.ts";
import type { Check } from "../../../marketplace/doctor/finding.ts";
import { isCodedError } from "../../../schemas/errors.ts";

/** How long the system may take to say that it has no such secret. */
const DEADLINE_MS = 5_000;

/** Whether secrets could be kept; a machine without a keychain is not broken, so it is only said. */
export const keychain: Check = {
  name: "keychain",
  find: async () => {
    try {
      await new KeychainStore(DEADLINE_MS).get({ id: "doctor", identity: "plugsmith" }, "own", "nothing");
      return [];
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const { message, hint } = error;
      return [{ check: "keychain", code: "I_KEYCHAIN", severity: "info", message, hint }];
    }
  },
};
