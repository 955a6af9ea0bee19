import type { AgentPlugin } from "./target.ts";

const PLACE = /\$\{(?:CLAUDE_)?PLUGIN_(ROOT|DATA)\}/gu;
/** Those of bundles are named after their server as well. */
const OPTION = /\$\{user_config\.((?:[\w-]+\.)?[A-Za-z_][A-Za-z0-9_-]*)\}/u;
const OPTIONS = new RegExp(OPTION, "gu");

/**
 * A text with the places of a plugin filled in as absolute paths, so that it means the locked tree wherever an agent
 * keeps its copy. Options of the person become their declared defaults; one without a default stays as it is written.
 */
export function placed(text: string, plugin: AgentPlugin): string {
  return text
    .replace(PLACE, (_, place: string) => (place === "ROOT" ? plugin.tree : plugin.data))
    .replace(OPTIONS, (whole, key: string) => {
      const value = plugin.manifest.userConfig[key]?.default;
      return value === undefined ? whole.replace(key, plainOption(key)) : [value].flat().join(",");
    });
}

/** The key of an option where keys have no dots. */
export function plainOption(key: string): string {
  return key.includes(".") ? key.replaceAll(/[.-]/gu, "_") : key;
}

/** The same in every text of a JSON value. */
export function placedValue<T>(value: T, plugin: AgentPlugin): T {
  return JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    typeof inner === "string" ? placed(inner, plugin) : inner,
  ) as T; // the shape of JSON is the same after it
}

/** Whether a JSON value names options that `placed` cannot fill in. */
export function leftOptions(value: unknown, plugin: AgentPlugin): boolean {
  return OPTION.test(placed(JSON.stringify(value), plugin));
}
