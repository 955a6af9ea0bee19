import { SecretOwners } from "../../core/secrets/secret-owners.ts";
import { optionPlaces } from "../../core/settings/plugin-options.ts";
import type { OpenSecrets } from "../../core/secrets/secrets.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { isCodedError } from "../../schemas/errors.ts";
import { usableDefault } from "../../schemas/option-value.ts";
import type { UserOption } from "../../schemas/plugin-manifest.ts";
import type { VerbContext } from "../context.ts";
import { homeOf } from "../home.ts";
import type { ConfiguredPlugin } from "./configured-plugin.ts";
import { secretsHere, type SettingsHere } from "./option-files.ts";

/** What one option is now; a secret value is never part of it. */
export interface OptionState {
  readonly plugin: string;
  readonly key: string;
  readonly title: string;
  readonly type: UserOption["type"];
  readonly required: boolean;
  readonly sensitive: boolean;
  /** `unknown`: where secrets are kept gave no answer. */
  readonly state: "set" | "default" | "unset" | "unknown";
  /** File that the value stands in, or the name of the back end that keeps the secret. */
  readonly from?: string | undefined;
  readonly value?: unknown;
}

/** The states of options with what is wrong about them. */
export interface OptionStates {
  readonly states: readonly OptionState[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Looks at every option of a plugin. Secrets are asked for only where `secrets` are given; others count as not set. */
export async function optionStates(
  plugin: ConfiguredPlugin,
  { settings }: SettingsHere,
  secrets: OpenSecrets | undefined,
): Promise<OptionStates> {
  const { value: places, diagnostics } = optionPlaces(plugin.id, plugin.options, settings);
  const states: OptionState[] = [];
  const found: Diagnostic[] = [...diagnostics];
  for (const [key, option] of Object.entries(plugin.options)) {
    const { title, type, required, sensitive } = option;
    const facts = { plugin: plugin.id, key, title, type, required, sensitive };
    const place = places.get(key);
    if (sensitive) states.push({ ...facts, ...(await secretState(plugin.id, key, secrets, found)) });
    else if (place !== undefined) states.push({ ...facts, state: "set", from: place.file, value: place.value });
    else {
      const value = usableDefault(option);
      states.push(value === undefined ? { ...facts, state: "unset" } : { ...facts, state: "default", value });
    }
  }
  return { states, diagnostics: found };
}

async function secretState(
  id: string,
  key: string,
  secrets: OpenSecrets | undefined,
  found: Diagnostic[],
): Promise<Pick<OptionState, "state" | "from">> {
  if (secrets === undefined) return { state: "unset" };
  try {
    const from = secrets.backend();
    return (await secrets.option(id, key)) === undefined ? { state: "unset" } : { state: "set", from };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const { code, message, hint } = error;
    if (!found.some((one) => one.message === message)) found.push({ code, severity: "warning", message, hint });
    return { state: "unknown" };
  }
}

/**
 * The states of several plugins. A keychain may ask its person for a password, so it is not asked about plugins that never had a
 * secret, unless they were `named`.
 */
export async function statesOf(
  context: VerbContext,
  here: SettingsHere,
  plugins: readonly ConfiguredPlugin[],
  named: boolean,
): Promise<{ readonly options: readonly OptionState[]; readonly diagnostics: readonly Diagnostic[] }> {
  const isSecret = plugins.some(({ options }) => Object.values(options).some(({ sensitive }) => sensitive));
  const secrets = isSecret ? await secretsHere(context, here, plugins, named) : undefined;
  const owners = isSecret && !named ? new SecretOwners(homeOf(context.environment).secretOwners).list() : [];
  const options: OptionState[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const plugin of plugins) {
    const isAsked = named || isFilledByOthers(secrets) || owners.some(({ id }) => id === plugin.id);
    const found = await optionStates(plugin, here, isAsked ? secrets : undefined);
    options.push(...found.states);
    for (const one of found.diagnostics) {
      if (!diagnostics.some(({ message }) => message === one.message)) diagnostics.push(one);
    }
  }
  return { options, diagnostics };
}

/** Where others put secrets, nobody is on record; what is wrong with the settings is told where a secret is asked for. */
function isFilledByOthers(secrets: OpenSecrets | undefined): boolean {
  try {
    const backend = secrets?.backend();
    return backend === "environment" || backend === "command";
  } catch (error) {
    if (isCodedError(error)) return true;
    throw error;
  }
}
