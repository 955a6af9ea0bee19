import { CodedError } from "../../schemas/errors.ts";

/** The pseudo-marketplace of plugins that were added by path. */
export const LOCAL_MARKET = "local";

/** The two halves of a plugin id `name@market`. */
export interface PluginId {
  readonly name: string;
  readonly market: string;
}

/** Splits `name@market`. Throws `E_NAME` when either half is missing. */
export function splitId(id: string): PluginId {
  const at = id.lastIndexOf("@");
  if (at <= 0 || at === id.length - 1) {
    throw new CodedError("E_NAME", `\`${id}\` is not a plugin id`, { hint: "write `name@marketplace`" });
  }
  return { name: id.slice(0, at), market: id.slice(at + 1) };
}

/** Joins a plugin name and a marketplace name. */
export function joinId(name: string, market: string): string {
  return `${name}@${market}`;
}
