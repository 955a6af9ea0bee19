import { escapeControl, parsePluginId } from "./names.ts";
import type { RulePlace } from "./policy-rule.ts";
import type { PolicyText } from "./policy-text.ts";

/** What a ceiling can be set on: whatever executes, in the words of plans and consent, and what code may be granted. */
export const CAPABILITIES = [
  "hook",
  "mcp",
  "lsp",
  "monitor",
  "bin",
  "mod",
  "workflow",
  "injection",
  "status-line",
  "entry",
  "read",
  "write",
  "net",
  "exec",
  "env",
  "secrets",
] as const;

/** One of `CAPABILITIES`. */
export type Capability = (typeof CAPABILITIES)[number];

/** The plugins that alone may have one capability. */
export interface Ceiling {
  readonly place: RulePlace;
  /** It could not be read: no plugin may. */
  readonly closed: boolean;
  /** `name@market` or `*@market`, exactly as written. */
  readonly admitted: ReadonlySet<string>;
}

/** The ceilings of one document; what has none is not limited. */
export type Ceilings = ReadonlyMap<string, Ceiling>;

const KEY = "capabilityCeilings";

/** Reads `capabilityCeilings`. What cannot be read closes its capability; a word that means none closes all of them. */
export function readCeilings(raw: unknown, document: PolicyText): Ceilings {
  if (raw === undefined) return new Map();
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    document.invalid([KEY], `\`${KEY}\` must be an object, so no plugin may execute anything`);
    return closedCeilings(document.place([KEY]));
  }
  const ceilings = new Map<string, Ceiling>();
  for (const [word, value] of Object.entries(raw)) {
    const place = document.place([KEY, word]);
    if (!isCapability(word)) {
      const known = CAPABILITIES.map((one) => `\`${one}\``).join(", ");
      const message = `\`${escapeControl(word.slice(0, 64))}\` in \`${KEY}\` is none of ${known}, so no plugin may execute anything`;
      document.invalid([KEY, word], message);
      return closedCeilings(place);
    }
    const members: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
    const admitted = members?.filter(isPluginPattern);
    if (members === undefined || admitted?.length !== members.length) {
      const message = `\`${word}\` in \`${KEY}\` must be a list of \`name@market\` and \`*@market\`, so no plugin may bring it`;
      document.invalid([KEY, word], message);
    }
    const closed = members === undefined || admitted?.length !== members.length;
    ceilings.set(word, { place, closed, admitted: new Set(admitted) });
  }
  return ceilings;
}

/** Ceilings under which no plugin may execute anything. */
export function closedCeilings(place: RulePlace): Ceilings {
  return new Map(CAPABILITIES.map((one) => [one, { place, closed: true, admitted: new Set<string>() }]));
}

/** Whether a ceiling lets a plugin have its capability; what comes with the host and from administrators is under none. */
export function isUnder({ closed, admitted }: Ceiling, id: string): boolean {
  const market = id.slice(id.indexOf("@") + 1);
  if (market === "builtin" || market === "managed") return true;
  return !closed && (admitted.has(id) || admitted.has(`*@${market}`));
}

function isCapability(word: string): word is Capability {
  return CAPABILITIES.some((one) => one === word);
}

function isPluginPattern(item: unknown): item is string {
  if (typeof item !== "string") return false;
  return parsePluginId(item.startsWith("*@") ? `x${item.slice(1)}` : item) !== undefined;
}
