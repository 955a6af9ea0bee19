import { canonicalName, confusableName, editDistance } from "../../schemas/names.ts";

/** Shorter names are near each other without anybody's doing. */
const SHORTEST = 5;

/** The ids that what arrives is compared with, beside each other. */
export interface KnownIds {
  readonly installed: Iterable<string>;
  /** By an administrator, installed or not. */
  readonly required: Iterable<string>;
  readonly builtin: Iterable<string>;
}

/**
 * A note for each plugin that comes under a name which could be taken for that of another one: the same in another marketplace, alike to
 * the eye (the skeletons of UTS 39, of which the letters that names may have leave few), or one slip of a finger away.
 */
export function nearNameNotes(
  arriving: readonly string[],
  { installed, required, builtin }: KnownIds,
): readonly string[] {
  const whose = new Map<string, string>();
  for (const id of required) whose.set(id, ", which your administrator requires");
  for (const id of builtin) whose.set(id, ", which is part of Plugsmith");
  const known = Map.groupBy(new Set([...installed, ...whose.keys(), ...arriving]), (id) => nameOf(id));
  const names = new Map<string, Set<string>>();
  for (const name of known.keys()) {
    for (const key of keysOf(name)) names.set(key, (names.get(key) ?? new Set()).add(name));
  }
  return arriving.flatMap((id) => {
    const name = nameOf(id);
    const near = new Set(keysOf(name).flatMap((key) => [...(names.get(key) ?? [])]));
    const alike = [...near]
      .filter((other) => isNear(name, other))
      .flatMap((other) => known.get(other) ?? [])
      .filter((other) => other !== id && !(arriving.includes(other) && other > id));
    return alike.map(
      (other) => `\`${id}\` could be taken for \`${other}\`${whose.get(other) ?? ""}: check that you mean it`,
    );
  });
}

function nameOf(id: string): string {
  return id.slice(0, id.lastIndexOf("@"));
}

/** What two names that are near each other have in common: a form without case and separators, a skeleton, or all letters but one. */
function keysOf(name: string): readonly string[] {
  const plain = plainName(name);
  const shortened = Array.from(plain, (_, at) => plain.slice(0, at) + plain.slice(at + 1));
  return [...new Set([plain, `~${confusableName(name)}`, ...(plain.length < SHORTEST ? [] : shortened)])];
}

function plainName(name: string): string {
  return canonicalName(name).replaceAll(/[.-]/gu, "");
}

function isNear(left: string, right: string): boolean {
  const [one, other] = [plainName(left), plainName(right)];
  if (one === other || confusableName(left) === confusableName(right)) return true;
  if (rowOf(left) === rowOf(right)) return false;
  return Math.min(one.length, other.length) >= SHORTEST && editDistance(one, other, 1) <= 1;
}

/** `tool-1` and `tool-2`, or `team-a` and `team-b`, are a row and nobody's imitation. */
function rowOf(name: string): string {
  return canonicalName(name)
    .replace(/-[a-z]$/u, "")
    .replaceAll(/\d/gu, "");
}
