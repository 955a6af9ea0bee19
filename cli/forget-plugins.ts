import { recorded } from "../core/audit/recorded.ts";
import { Backends } from "../core/secrets/backends.ts";
import { SecretOwners } from "../core/secrets/secret-owners.ts";
import { isCodedError } from "../schemas/errors.ts";
import { isRecord } from "../schemas/record.ts";
import { ownFile } from "./config/set-option.ts";
import { removeOption, settingsHere } from "./config/option-files.ts";
import type { VerbContext } from "./context.ts";
import { installedIds } from "./installed-ids.ts";

/**
 * Deletes the secrets and options of plugins that were installed `before` and that no root holds any more. Where nobody kept a secret
 * no back end is touched. What one refuses is said, and tried again with the next removal.
 */
export async function forgetPlugins(context: VerbContext, before: ReadonlySet<string>): Promise<void> {
  const { services } = await context.engine();
  const installed = installedIds(services.home);
  const gone = new Set([...before].filter((id) => !installed.has(id)));
  if (gone.size === 0) return;
  await forgetSecrets(context, gone);
  await services.exclusively(() => {
    const { settings, workspace } = settingsHere(context);
    const own = ownFile(workspace.plugsmithHome);
    const configs = settings.layers("pluginConfigs").find(({ file }) => file === own)?.value;
    if (!isRecord(configs)) return;
    for (const id of Object.keys(configs)) if (gone.has(id)) removeOption(workspace, id);
  });
}

async function forgetSecrets(context: VerbContext, gone: ReadonlySet<string>): Promise<void> {
  const { services } = await context.engine();
  const { home, remark } = services;
  const owners = new SecretOwners(home.secretOwners);
  const kept = owners.list().filter(({ id }) => gone.has(id));
  if (kept.length === 0) return;
  const { settings } = settingsHere(context);
  const backends = new Backends({ settings, environment: context.environment, directory: home.encryptedSecrets });
  for (const owner of kept) {
    const { id, backend } = owner;
    try {
      await recorded(services.audit, { action: "secret forget", subject: id, detail: { backend } }, async () => {
        await backends.store(backend).forget(owner);
        owners.remove(owner, backend);
      });
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const { message, hint } = error;
      const where = backend === "keychain" ? "in the keychain" : `in \`${backend}\``;
      remark(`the secrets of \`${id}\` stay ${where}: ${message}${hint === undefined ? "" : `; ${hint}`}`);
    }
  }
}
