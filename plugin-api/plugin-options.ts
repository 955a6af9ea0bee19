import { mentionedOptions, optionText } from "./placeholders.ts";
import type { PluginContext } from "./plugin.ts";
import { pluginsService } from "./services/plugins.ts";
import { secretService } from "./services/secrets.ts";

/**
 * Every option of a plugin as text, for the plugin's own processes only; without those that are for one server alone. Sensitive ones come from where secrets are kept at that
 * moment; an option without a value is absent. Throws where `texts` of a component need a required one that is.
 */
export async function pluginOptions(
  context: Pick<PluginContext, "use">,
  id: string,
  texts: readonly string[] = [],
): Promise<Readonly<Record<string, string>>> {
  const plugins = await context.use(pluginsService);
  const loaded = plugins.all().find(({ plugin }) => plugin.id === id);
  if (loaded === undefined) return {};
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(loaded.options)) {
    if (!isOfServer(key)) values[key] = optionText(value);
  }
  const userConfig = Object.entries(loaded.manifest.userConfig).filter(([key]) => !isOfServer(key));
  const secrets = userConfig.filter(([, option]) => option.sensitive);
  for (const [key, { default: otherwise }] of secrets) {
    const secret = await (await context.use(secretService)).option(id, key);
    if (secret !== undefined) values[key] = secret;
    else if (otherwise !== undefined) values[key] = optionText(otherwise);
  }
  const mentioned = mentionedOptions(texts);
  for (const [key, { required }] of userConfig) {
    if (!required || values[key] !== undefined) continue;
    const variable = `CLAUDE_PLUGIN_OPTION_${key.toUpperCase()}`;
    if (mentioned.has(key) || texts.some((text) => text.includes(variable))) throw new Error(missingOption(id, [key]));
  }
  return values;
}

function isOfServer(key: string): boolean {
  return key.includes(".");
}

/** What is said where options have no value and something needs them. */
export function missingOption(id: string, keys: readonly string[]): string {
  const options = keys.map((key) => `\`${key}\``).join(", ");
  const commands = keys.map((key) => `\`plugin config set ${id} ${key}\``).join(", ");
  return `it needs ${keys.length === 1 ? "option" : "options"} ${options}; ${commands} gives ${keys.length === 1 ? "it a value" : "them values"}`;
}
