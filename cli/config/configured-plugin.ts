import { CodedError } from "../../schemas/errors.ts";
import { nearest } from "../../schemas/names.ts";
import type { UserOption } from "../../schemas/plugin-manifest.ts";
import { Store } from "../../marketplace/store/store.ts";
import type { VerbContext } from "../context.ts";
import { homeOf } from "../home.ts";
import { installedHere, type InstalledHere } from "../installed.ts";
import { sourceIdentity } from "../session/plugin-identities.ts";

/** A plugin with what it can be told. */
export interface ConfiguredPlugin {
  readonly id: string;
  /** Identity of its source, which its secrets are kept under. */
  readonly identity: string;
  readonly options: Readonly<Record<string, UserOption>>;
}

/** The installed plugins here that can be told something, or those of some ids. */
export async function installedWithOptions(
  context: VerbContext,
  ids?: ReadonlySet<string>,
): Promise<readonly ConfiguredPlugin[]> {
  const { plugins } = await installedHere(context);
  const store = storeOf(context);
  const found = new Map<string, ConfiguredPlugin>();
  for (const place of plugins) {
    if (ids?.has(place.plugin.id) === false) continue;
    if (!found.has(place.plugin.id)) found.set(place.plugin.id, configured(place, store));
  }
  return [...found.values()].filter(({ options }) => Object.keys(options).length > 0);
}

/** An installed plugin with its options; `store` is `storeOf` here. */
export function configured({ plugin }: InstalledHere["plugins"][number], store: Store): ConfiguredPlugin {
  const { userConfig: options } = store.readManifest(plugin.manifest);
  return { id: plugin.id, identity: sourceIdentity(plugin.source), options };
}

/** The store of this home, whose index is read once for all plugins. */
export function storeOf({ environment }: VerbContext): Store {
  return new Store(homeOf(environment));
}

/** The option of a key. Throws `E_OPTION` with what was meant. */
export function optionOf({ id, options }: ConfiguredPlugin, key: string): UserOption {
  const option = Object.hasOwn(options, key) ? options[key] : undefined;
  if (option !== undefined) return option;
  const keys = Object.keys(options);
  const guess = nearest(key, keys);
  const all = keys.length === 0 ? "it has none" : `it has ${keys.map((one) => `\`${one}\``).join(", ")}`;
  throw new CodedError("E_OPTION", `\`${id}\` has no option \`${key}\``, {
    hint: guess === undefined ? all : `did you mean \`${guess}\`?`,
  });
}
