import { readMinimumAge } from "./policy-age-text.ts";
import { pluginRule, type PluginRules } from "./policy-plugins.ts";
import type { RulePlace } from "./policy-rule.ts";
import type { PolicyText } from "./policy-text.ts";

/** How old a release of a registry has to be before it is used, and which rule says so. */
export interface MinimumAge {
  /** `Infinity` when the rule cannot be read. */
  readonly ms: number;
  readonly cause: {
    readonly kind: "policy";
    readonly code: "E_SOURCE_BLOCKED";
    readonly hint: string;
    readonly where: RulePlace;
  };
}

/** Why a plugin's releases may be younger than those of others. */
export interface AgeException {
  readonly ms: number;
  readonly reason: string;
  readonly place: RulePlace;
}

/** An age that a policy document demands. */
export interface DemandedAge {
  readonly ms: number;
  readonly place: RulePlace;
}

/** What of a policy document ages depend on. */
interface AgeDocument {
  readonly minimumReleaseAge?: DemandedAge | undefined;
  readonly plugins: PluginRules;
}

const KEY = "minimumReleaseAge";

/** Reads `minimumReleaseAge`; what cannot be read is never reached. */
export function readDemandedAge(raw: unknown, document: PolicyText): DemandedAge | undefined {
  if (raw === undefined) return undefined;
  const ms = readMinimumAge(raw);
  if (ms === undefined)
    document.invalid(
      [KEY],
      `\`${KEY}\` must be minutes or a text such as \`24h\` or \`3d\`; no release of a registry is old enough`,
    );
  return { ms: ms ?? Number.POSITIVE_INFINITY, place: document.place([KEY]) };
}

/** Whether anybody asks how old releases are. */
export function demandsAge(documents: readonly AgeDocument[]): boolean {
  return documents.some(
    ({ minimumReleaseAge, plugins: { rules } }) =>
      minimumReleaseAge !== undefined || rules.values().some(({ value }) => value.minimumAgeMs !== undefined),
  );
}

/** The longest age that any document demands, of a plugin where one is named; a rule about it counts before the rest of its document. */
export function minimumAgeOf(documents: readonly AgeDocument[], id?: string): MinimumAge | undefined {
  const ages = documents.flatMap((document) => demanded(document, id) ?? []);
  const [longest] = ages.sort((left, right) => right.ms - left.ms);
  if (longest === undefined || longest.ms === 0) return undefined;
  const { ms, place } = longest;
  const hint = `wait, choose an older version, or ask your administrator about the rule \`${place.key}\``;
  return { ms, cause: { kind: "policy", code: "E_SOURCE_BLOCKED", hint, where: place } };
}

/** The exception from its document's age that a rule makes for a plugin, where that has an effect. */
export function ageExceptionOf(documents: readonly AgeDocument[], id: string): AgeException | undefined {
  const [usual, own] = [minimumAgeOf(documents)?.ms ?? 0, minimumAgeOf(documents, id)?.ms ?? 0];
  if (own >= usual) return undefined;
  for (const { plugins } of documents) {
    const rule = pluginRule(plugins, id);
    const reason = rule?.value.reason;
    if (rule?.value.minimumAgeMs !== undefined && reason !== undefined) return { ms: own, reason, place: rule.place };
  }
  return undefined;
}

function demanded({ minimumReleaseAge, plugins }: AgeDocument, id: string | undefined): DemandedAge | undefined {
  const rule = id === undefined ? undefined : pluginRule(plugins, id);
  const ms = rule?.value.minimumAgeMs;
  return rule === undefined || ms === undefined ? minimumReleaseAge : { ms, place: rule.place };
}
