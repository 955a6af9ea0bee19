import { routeAll, type RoutedPlugin } from "./confusion.ts";

/** A skill that would answer prompts of another plugin. */
export interface StolenTrigger {
  /** `plugin:skill`. */
  readonly by: string;
  readonly from: string;
  readonly prompts: readonly string[];
}

/** Prompts that a set of plugins answers as declared, and that a skill of somebody else answers in the set to come. */
export function stolenTriggers(
  before: readonly RoutedPlugin[],
  after: readonly RoutedPlugin[],
): readonly StolenTrigger[] {
  const answered = new Set(routeAll(before).flatMap((one) => (one.ok ? [keyOf(one)] : [])));
  const stolen = new Map<string, { readonly by: string; readonly from: string; readonly prompts: string[] }>();
  for (const one of routeAll(after)) {
    if (one.ok || one.got === "none" || one.expected === "none" || !answered.has(keyOf(one))) continue;
    const key = `${one.got} ${one.expected}`;
    const known = stolen.get(key);
    if (known === undefined) stolen.set(key, { by: one.got, from: one.expected, prompts: [one.prompt] });
    else known.prompts.push(one.prompt);
  }
  return [...stolen.values()];
}

function keyOf({
  plugin,
  expected,
  prompt,
}: {
  readonly plugin: string;
  readonly expected: string;
  readonly prompt: string;
}): string {
  return JSON.stringify([plugin, expected, prompt]);
}
