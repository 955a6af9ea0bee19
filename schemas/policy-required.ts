import type { PolicyDocument } from "./policy.ts";
import { mismatch, type PinnedSubject } from "./policy-pin.ts";
import { pluginBlock, pluginRule } from "./policy-plugins.ts";
import type { RulePlace } from "./policy-rule.ts";

/** A plugin that installs itself, because an administrator wants it on every machine. */
export interface RequiredPlugin {
  readonly id: string;
  readonly range: string;
  readonly place: RulePlace;
}

/** What a yes to a plugin would be bound to. */
export interface GivenSubject {
  readonly id: string;
  readonly tree: string;
  readonly closure: string;
  /** Whether it starts something that is not among its own files. */
  readonly hasLaunchers: boolean;
}

/** The plugins that rules of `plugins` require and none blocks, sorted by id; of several documents the first says in which range. */
export function requiredPlugins(documents: readonly PolicyDocument[]): readonly RequiredPlugin[] {
  const required = new Map<string, RequiredPlugin>();
  for (const { plugins } of documents)
    for (const rule of plugins.rules.values()) {
      const { key, value } = rule;
      if (value.rule === "required" && (!required.has(key) || required.get(key)?.range === "*"))
        required.set(key, { id: key, range: value.version ?? "*", place: rule.place });
    }
  const isBlocked = (id: string): boolean =>
    documents.some(({ plugins }) => {
      const isRuledOut = pluginRule(plugins, id)?.value.rule === "blocked";
      return plugins.closed !== undefined || isRuledOut || pluginBlock(plugins, id) !== undefined;
    });
  return [...required.values()].filter(({ id }) => !isBlocked(id)).sort((left, right) => (left.id < right.id ? -1 : 1));
}

/** Whether a plugin is the version, and are the files, that rules want. */
export function isAsRuled(
  documents: readonly PolicyDocument[],
  plugin: PinnedSubject & { readonly id: string },
): boolean {
  return documents.every(({ plugins }) => {
    const rule = pluginRule(plugins, plugin.id);
    return rule === undefined || mismatch(rule, plugin) === undefined;
  });
}

/**
 * The rule by which an administrator has said yes to exactly this: one that accepts its closure, or one that requires the plugin and pins
 * its files, as far as these are all that it starts.
 */
export function givenConsent(
  documents: readonly Pick<PolicyDocument, "plugins">[],
  { id, tree, closure, hasLaunchers }: GivenSubject,
): RulePlace | undefined {
  for (const { plugins } of documents) {
    const rule = pluginRule(plugins, id);
    // Whoever says yes to one plugin does not say it to a namesake.
    if (rule?.key !== id || rule.value.rule === "blocked") continue;
    const { accept, digests } = rule.value;
    if (accept?.includes(closure) === true) return rule.place;
    if (rule.value.rule === "required" && !hasLaunchers && digests?.includes(tree) === true) return rule.place;
  }
  return undefined;
}
