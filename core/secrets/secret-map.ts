import { CodedError } from "../../schemas/errors.ts";
import { parseState } from "../platform/state-file.ts";
import { isRecord } from "../../schemas/record.ts";
import type { SecretKind, SecretOwner } from "./secret-store.ts";

const SCHEMA = 1;

/** The secrets of one owner by name, as one entry of a keychain or file holds them. */
export type SecretMap = Readonly<Record<SecretKind, ReadonlyMap<string, string>>>;

/** Nothing yet. */
export const NO_SECRETS: SecretMap = { own: new Map(), option: new Map() };

/** Reads an entry. Throws `E_KEYCHAIN` for one that is damaged, `E_SCHEMA_NEWER` for one of a newer Plugsmith. */
export function parseSecrets(text: string, { id }: SecretOwner): SecretMap {
  const state = parseState(text, `entry of secrets of ${id}`, SCHEMA);
  const [own, option] = [textsOf(state?.["own"]), textsOf(state?.["option"])];
  if (own !== undefined && option !== undefined) return { own, option };
  throw new CodedError("E_KEYCHAIN", `the entry that holds the secrets of \`${id}\` is damaged`, {
    hint: "delete that entry where your secrets lie (in a keychain it is called `plugsmith`), then set them again",
  });
}

/** What an entry holds for a map. */
export function renderSecrets({ own, option }: SecretMap): string {
  return JSON.stringify({ schema: SCHEMA, own: Object.fromEntries(own), option: Object.fromEntries(option) });
}

/** The map with one value more, or with `undefined` one less. */
export function withSecret(map: SecretMap, kind: SecretKind, name: string, value: string | undefined): SecretMap {
  const changed = new Map(map[kind]);
  if (value === undefined) changed.delete(name);
  else changed.set(name, value);
  return { ...map, [kind]: changed };
}

function textsOf(value: unknown): ReadonlyMap<string, string> | undefined {
  if (!isRecord(value)) return undefined;
  const texts = new Map<string, string>();
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string") return undefined;
    texts.set(name, text);
  }
  return texts;
}
