import { escapeControl, nameProblem } from "./names.ts";

/** A dependency as written, split into its parts; `range` is `*` when none was given. */
export interface DependencySpec {
  readonly name: string;
  readonly market?: string | undefined;
  readonly range: string;
}

const MAX_RANGE_LENGTH = 256;

/**
 * Reads one dependency of a manifest or catalog entry (formats.md §3.1): `name`, `name@market`, either with a trailing `@range`,
 * or `{name, version?, marketplace?}`. Answers a clause for a message when it is none of these.
 */
export function parseDependency(raw: unknown): DependencySpec | { readonly problem: string } {
  if (typeof raw === "string") return fromText(raw);
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return { problem: "must be text or an object" };
  const object: Readonly<Record<string, unknown>> = { ...raw };
  const { name, version, marketplace } = object;
  if (typeof name !== "string") return { problem: "has no `name`" };
  if (version !== undefined && typeof version !== "string") return { problem: "has a `version` that is no text" };
  if (marketplace !== undefined && typeof marketplace !== "string")
    return { problem: "has a `marketplace` that is no text" };
  return checked(name, marketplace, version);
}

function fromText(text: string): DependencySpec | { readonly problem: string } {
  const [name = "", second, ...rest] = text.split("@");
  if (rest.length > 1) return { problem: `\`${escapeControl(text.slice(0, 200))}\` has too many \`@\`` };
  if (second === undefined) return checked(name, undefined, undefined);
  if (rest.length === 0 && /^[\^~<>=*]/.test(second)) return checked(name, undefined, second);
  return checked(name, second, rest[0]);
}

function checked(
  name: string,
  market: string | undefined,
  range: string | undefined,
): DependencySpec | { readonly problem: string } {
  const problem = nameProblem(name);
  if (problem !== undefined) return { problem: `name \`${escapeControl(name.slice(0, 200))}\` ${problem}` };
  const marketProblem = market === undefined ? undefined : nameProblem(market);
  if (marketProblem !== undefined) {
    return { problem: `marketplace \`${escapeControl((market ?? "").slice(0, 200))}\` ${marketProblem}` };
  }
  if (range !== undefined && range.length > MAX_RANGE_LENGTH) {
    return { problem: `range has ${range.length} characters, more than ${MAX_RANGE_LENGTH}` };
  }
  const wanted = range === undefined || range.trim() === "" ? "*" : range.trim();
  return market === undefined ? { name, range: wanted } : { name, market, range: wanted };
}
