import type { RulePlace } from "./policy-rule.ts";

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

/** An age that a policy document demands. */
interface DemandedAge {
  readonly minimumReleaseAge?: { readonly ms: number; readonly place: RulePlace } | undefined;
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `minimumReleaseAge`: minutes as a number, or a text such as `90m`, `24h` or `3d`; `undefined` when it is neither. */
export function readMinimumAge(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value * 60_000 : undefined;
  const [, count, unit = ""] = typeof value === "string" ? (/^(\d{1,6})([mhd])$/u.exec(value) ?? []) : [];
  return count === undefined ? undefined : Number(count) * (UNITS_MS[unit] ?? 0);
}

/** The longest age that any document demands. */
export function minimumAgeOf(documents: readonly DemandedAge[]): MinimumAge | undefined {
  const ages = documents.flatMap(({ minimumReleaseAge }) => minimumReleaseAge ?? []);
  const [longest] = ages.sort((left, right) => right.ms - left.ms);
  if (longest === undefined || longest.ms === 0) return undefined;
  const { ms, place } = longest;
  const hint = `wait, choose an older version, or ask your administrator about the rule \`${place.key}\``;
  return { ms, cause: { kind: "policy", code: "E_SOURCE_BLOCKED", hint, where: place } };
}
