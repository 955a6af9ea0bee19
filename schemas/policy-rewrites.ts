import { isLoopback } from "./loopback.ts";
import type { RulePlace } from "./policy-rule.ts";
import type { PolicyText } from "./policy-text.ts";

/** Addresses that begin with `from` are fetched from `to`; without a slash at its end, the one address that is `from`. */
export interface SourceRewrite {
  readonly from: string;
  readonly to: string;
  readonly place: RulePlace;
}

/** `sourceRewrites` of one managed document. */
export interface RewriteList {
  readonly rules: readonly SourceRewrite[];
  /** A rule that could not be read: what no other one covers is then fetched from nowhere. */
  readonly closed?: RulePlace | undefined;
}

const KEY = "sourceRewrites";

/** Reads `sourceRewrites`; `undefined` where the document does not have it. */
export function readRewriteList(raw: unknown, document: PolicyText): RewriteList | undefined {
  if (raw === undefined) return undefined;
  if (!Array.isArray(raw)) {
    document.invalid([KEY], `\`${KEY}\` must be a list, so nothing is fetched`);
    return { rules: [], closed: document.place([KEY]) };
  }
  const rules: SourceRewrite[] = [];
  let closed: RulePlace | undefined;
  for (const [index, item] of raw.entries()) {
    const place = document.place([KEY, index]);
    const rule = readRewrite(item);
    if ("problem" in rule) {
      const message = `rule ${index} of \`${KEY}\` ${rule.problem}; nothing is fetched that no other rule covers`;
      document.invalid([KEY, index], message);
      closed ??= place;
    } else rules.push({ ...rule, place });
  }
  return { rules, closed };
}

/** Reads one rule; answers a clause for a message when it is not valid. */
function readRewrite(raw: unknown): Omit<SourceRewrite, "place"> | { readonly problem: string } {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return { problem: "must be an object" };
  const { from, to }: Readonly<Record<string, unknown>> = { ...raw };
  const source = addressOf(from);
  const target = addressOf(to);
  if (source === undefined || target === undefined) {
    const which = source === undefined ? "from" : "to";
    return { problem: `needs \`${which}\`, an address without password, query and fragment` };
  }
  if (source.href.endsWith("/") !== target.href.endsWith("/"))
    return { problem: "must end with `/` in both `from` and `to`, or in neither" };
  const isPlain = target.protocol === "http:" && !isLoopback(target.hostname);
  if (isPlain || !["https:", "http:", "ssh:", "file:"].includes(target.protocol))
    return { problem: "leads to an address that is not encrypted: `to` is https, ssh or file" };
  return { from: source.href, to: target.href };
}

/** The address to fetch instead, and the rule that says so: the longest `from` wins. `undefined` where none covers it. */
export function rewritten(
  address: string,
  lists: readonly RewriteList[],
): { readonly address: string; readonly rule: SourceRewrite } | undefined {
  const rules = lists.flatMap((list) => list.rules).filter(({ from }) => covers(from, address));
  const [rule] = rules.sort((left, right) => right.from.length - left.from.length);
  if (rule === undefined) return undefined;
  return { address: rule.from.endsWith("/") ? rule.to + address.slice(rule.from.length) : rule.to, rule };
}

/** A repository is one with and without `.git`. */
function covers(from: string, address: string): boolean {
  return from.endsWith("/") ? address.startsWith(from) : address === from || address === `${from}.git`;
}

function addressOf(value: unknown): URL | undefined {
  const url = typeof value === "string" && value.length <= 2_048 ? URL.parse(value) : null;
  if (url === null || url.password !== "" || url.search !== "" || url.hash !== "") return undefined;
  return url.username !== "" && url.protocol !== "ssh:" ? undefined : url;
}
