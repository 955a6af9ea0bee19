import { optionText } from "./placeholders.ts";
import type { PluginContext } from "./plugin.ts";
import { pluginsService } from "./services/plugins.ts";
import { secretService } from "./services/secrets.ts";

/**
 * Every option of a plugin as text, for the plugin's own processes only. Sensitive ones come from the keychain at that moment;
 * an option without a value is absent.
 */
export async function pluginOptions(
  context: Pick<PluginContext, "use">,
  id: string,
): Promise<Readonly<Record<string, string>>> {
  const plugins = await context.use(pluginsService);
  const loaded = plugins.all().find(({ plugin }) => plugin.id === id);
  if (loaded === undefined) return {};
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(loaded.options)) {
    values[key] = optionText(value);
  }
  const secrets = Object.entries(loaded.manifest.userConfig).filter(([, option]) => option.sensitive);
  for (const [key] of secrets) {
    const secret = await (await context.use(secretService)).option(id, key);
    if (secret !== undefined) values[key] = secret;
  }
  return values;
}
