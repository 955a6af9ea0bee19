import { KeychainStore } from "../core/secrets/keychain-store.ts";
import { SecretOwners } from "../core/secrets/secret-owners.ts";
import type { Services } from "../marketplace/services.ts";
import { isCodedError } from "../schemas/errors.ts";
import { installedIds } from "./installed-ids.ts";

/**
 * Deletes from the keychain what plugins kept there that were installed `before` and that no root holds any more; where nobody kept anything the keychain is not
 * touched. What the keychain refuses is said, and tried again with the next removal.
 */
export async function forgetSecrets({ home, remark }: Services, before: ReadonlySet<string>): Promise<void> {
  const owners = new SecretOwners(home.secretOwners);
  const installed = installedIds(home);
  for (const owner of owners.list()) {
    if (installed.has(owner.id) || !before.has(owner.id)) continue;
    try {
      await new KeychainStore().forget(owner);
      owners.remove(owner);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const { message, hint } = error;
      remark(`the secrets of \`${owner.id}\` stay in the keychain: ${message}${hint === undefined ? "" : `; ${hint}`}`);
    }
  }
}
