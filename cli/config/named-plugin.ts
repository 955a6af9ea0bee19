import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { nearest } from "../../schemas/names.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import { BUILTIN, isBuiltin } from "../builtin-word.ts";
import type { VerbContext } from "../context.ts";
import { findInstalled, installedHere } from "../installed.ts";
import { builtinManifests } from "../session/builtin-manifests.ts";
import { configured, installedWithOptions, storeOf, type ConfiguredPlugin } from "./configured-plugin.ts";

/**
 * The plugin that a word names among what is installed here and what is built in. Throws `E_NOT_INSTALLED`, `E_AMBIGUOUS`,
 * `E_PLUGIN_UNKNOWN`.
 */
export async function namedPlugin(context: VerbContext, word: string): Promise<ConfiguredPlugin> {
  const known = await builtins();
  if (isBuiltin(word)) return namedBuiltin(word, known);
  const here = await installedHere(context);
  try {
    const [found] = await findInstalled(word, here.plugins, here.all);
    if (found !== undefined) return configured(found, storeOf(context));
  } catch (error) {
    const id = `${word}@${BUILTIN}`;
    const isNamed = isCodedError(error) && error.code === "E_NOT_INSTALLED" && known.some((one) => one.id === id);
    if (!isNamed) throw error;
    throw new CodedError("E_NOT_INSTALLED", error.message, { hint: `did you mean \`${id}\`?` });
  }
  throw new CodedError("E_NOT_INSTALLED", `\`${word}\` is not installed`, { hint: "`plugin list` shows what is" });
}

/** Every plugin here that can be told something, the installed ones first. */
export async function allWithOptions(context: VerbContext): Promise<readonly ConfiguredPlugin[]> {
  const known = await builtins();
  return [...(await installedWithOptions(context)), ...known.filter(({ options }) => Object.keys(options).length > 0)];
}

function namedBuiltin(word: string, known: readonly ConfiguredPlugin[]): ConfiguredPlugin {
  const found = known.find(({ id }) => id === word);
  if (found !== undefined) return found;
  const ids = known.map(({ id }) => id);
  const guess = nearest(word, ids);
  throw new CodedError("E_PLUGIN_UNKNOWN", `no built-in plugin is called \`${word}\``, {
    hint: guess === undefined ? "`plugsmith boot` lists them" : `did you mean \`${guess}\`?`,
  });
}

async function builtins(): Promise<readonly ConfiguredPlugin[]> {
  const manifests: readonly PluginManifest[] = Object.values(await builtinManifests());
  return manifests.map(({ name, userConfig }) => ({
    id: `${name}@${BUILTIN}`,
    identity: BUILTIN,
    options: userConfig,
  }));
}
