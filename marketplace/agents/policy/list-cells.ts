import { MANAGED_FILES, type PolicyAgent } from "./policy-agent.ts";
import type { Cell } from "./policy-cells.ts";
import { type Compiled, NOTHING, type PolicyLoss, stricter, weaker } from "./policy-loss.ts";
import { listEntry, offeredSource } from "./list-entry.ts";
import { narrowedList } from "./narrowed-list.ts";
import { objectOf, unwrapped, type WrittenObject, writtenLists, type WrittenRule } from "./written-policy.ts";

/** One allow list: what all of ours admit and none of our block lists refuses, in the agent's kinds of rules. */
export const allowCell: Cell = (policy, agent) => {
  const { rules, losses } = narrowedList(policy);
  if (rules === undefined) return NOTHING;
  const { entries, left } = entriesOf(rules, agent);
  const exact = rules.find(({ rule }) => rule.kind === "repository");
  const told = exact === undefined || entries.length === 0 ? [] : [stricter(exact.place, spellings(agent))];
  const all = [...losses, ...left, ...told];
  if (agent !== "codex") return { settings: { strictKnownMarketplaces: entries }, losses: all };
  const [place] = policy.flatMap(({ document }) => document.allow.map((list) => list.place));
  const outside = place === undefined || rules.length === 0 ? [] : [weaker(place, CURATED, CURATED_HINT)];
  return { settings: codexSettings(entries, rules), losses: [...all, ...outside] };
};

/** The block lists, where an agent has any; where an allow list stands beside them they are taken out of it already. */
export const blockCell: Cell = (policy, agent) => {
  const rules = writtenLists(policy, "block").flat();
  const [first] = rules;
  if (first === undefined) return NOTHING;
  const isListed = policy.some(({ document }) => document.allow.length > 0);
  const hint = "add `strictKnownMarketplaces`, e.g. with patterns of hosts: then the other spellings are refused too";
  const { title } = MANAGED_FILES[agent];
  if (agent !== "claude") {
    const reason = `${title} has allow lists only`;
    const losses = isListed ? [] : rules.map(({ place }) => weaker(place, reason, hint));
    return { settings: {}, losses };
  }
  const { entries, left } = entriesOf(rules, agent);
  const spelled = rules.filter(({ rule }) => !isListed && (rule.kind === "repository" || rule.kind === "owner"));
  return {
    settings: entries.length === 0 ? {} : { blockedMarketplaces: entries },
    losses: [
      ...(isListed ? [] : left.map((loss) => ({ ...loss, effect: "weaker" as const, hint }))),
      ...spelled.map(({ place }) =>
        weaker(place, `${title} compares letters: ssh addresses and other capitals of the repository pass`, hint),
      ),
    ],
  };
};

/** The marketplaces that people find without adding them. */
export const offeredCell: Cell = (policy, agent) => {
  const offered: Record<string, WrittenObject> = {};
  const losses: PolicyLoss[] = [];
  for (const { document, root } of policy) {
    for (const [name, { autoUpdate }] of Object.entries(document.extraKnownMarketplaces)) {
      if (Object.hasOwn(offered, name)) continue;
      const key = KEYS.find((one) => Object.hasOwn(objectOf(root[one]), name)) ?? "extraKnownMarketplaces";
      const found = offeredSource(unwrapped(objectOf(root[key])[name]), agent);
      if ("entry" in found) offered[name] = { source: found.entry, ...(autoUpdate ? { autoUpdate } : {}) };
      else
        losses.push(
          stricter(
            { key: `${key}.${name}`, file: document.file },
            agent === "codex" ? "Codex offers no marketplaces by its managed file" : found.none,
            agent === "codex" ? "people add it with `codex plugin marketplace add`" : undefined,
          ),
        );
    }
  }
  return { settings: Object.keys(offered).length === 0 ? {} : { extraKnownMarketplaces: offered }, losses };
};

const KEYS = ["extraKnownMarketplaces", "additionalMarketplaces"];
const CURATED = "Codex asks this list for marketplaces that people add, and not for the catalogs that come with it";
const CURATED_HINT =
  "its remote catalogs are switched off beside the list; with `[]` as the list so are plugins altogether";

function spellings(agent: PolicyAgent): string {
  const spelled =
    agent === "codex"
      ? "over the transport and in the capitals that the rule has"
      : "in the spelling that the rule has, and with its `ref` or without any";
  return `${MANAGED_FILES[agent].title} admits a repository ${spelled}`;
}

function entriesOf(
  rules: readonly WrittenRule[],
  agent: PolicyAgent,
): { readonly entries: readonly WrittenObject[]; readonly left: readonly PolicyLoss[] } {
  const entries: WrittenObject[] = [];
  const left: PolicyLoss[] = [];
  for (const rule of rules) {
    const found = listEntry(rule, agent);
    if ("entry" in found) entries.push(found.entry);
    else left.push(stricter(rule.place, `${found.none}, so the rule is left out`));
  }
  return { entries, left };
}

function codexSettings(entries: readonly WrittenObject[], rules: readonly WrittenRule[]): Compiled["settings"] {
  // Catalogs of OpenAI and of a workspace, which no list of ours names.
  const features = { remote_plugin: false, plugin_sharing: false };
  const restricted = { restrict_to_allowed_sources: true };
  // An empty list blocks every one, its own catalogs among them.
  if (rules.length === 0) return { features: { plugins: false, ...features }, marketplaces: restricted };
  const named = new Map<string, WrittenObject>();
  for (const entry of entries) {
    const base = nameOf(entry);
    let name = base;
    for (let count = 2; named.has(name); count += 1) name = `${base}-${String(count)}`;
    named.set(name, entry);
  }
  const allowed = named.size === 0 ? {} : { allowed_sources: Object.fromEntries(named) };
  return { features, marketplaces: { ...restricted, ...allowed } };
}

/** A name for a rule, made of what it says: files of several places are merged by it. */
function nameOf(entry: WrittenObject): string {
  const said = Object.entries(entry).flatMap(([member, value]) => (member === "source" ? [] : [String(value)]));
  return said
    .join("-")
    .replace(/^[a-z]+:\/\//u, "")
    .replaceAll(/[^A-Za-z0-9]+/gu, "-")
    .replaceAll(/^-|-$/gu, "");
}
