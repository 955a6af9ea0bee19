import { canonicalSource } from "./identity.ts";
import type { LockedSource } from "./lockfile.ts";
import { isWithin, marketDirectory } from "./market-directory.ts";
import type { Decide, PolicyAction, PolicyDecision, PolicyDocument, PolicySubject } from "./policy.ts";
import type { PolicyFlag } from "./policy-flags.ts";
import { isUnder } from "./policy-capabilities.ts";
import type { PolicyList } from "./policy-lists.ts";
import { mismatch, unpinned } from "./policy-pin.ts";
import type { PluginRule } from "./policy-plugin-rules.ts";
import { pluginBlock, pluginRule } from "./policy-plugins.ts";
import { matches } from "./policy-match.ts";
import type { RulePlace } from "./policy-rule.ts";
import { gitOf, marketSubject, pluginSubject } from "./policy-source.ts";
import type { MarketplaceSource } from "./source-spec.ts";

const ALLOWED: PolicyDecision = { allowed: true };
/** Command-line flags and options that load something no marketplace lists. */
/** Settings of the command line are among them: they are stronger than every file but those of administrators (attacks.md PB16). */
const SIDELOAD: ReadonlySet<string> = new Set([
  "plugin-dir",
  "plugin-url",
  "agents",
  "mcp-config",
  "local-path",
  "settings",
]);

/** What else can be asked about that is on or off, with the switch that decides and what it does. */
const SWITCHES: Readonly<Record<string, readonly [flag: PolicyFlag, reason: string]>> = {
  ui: ["disableUi", "this switch refuses changes from a browser"],
  "escaping-paths": ["refuseEscapingLinks", "this switch refuses plugins with paths or links that leave them"],
  "unverified-load": ["verifyOnLoad", "this switch refuses to load what was not compared with its digest"],
  "unlocked-launchers": ["requireLockedLaunchers", "this switch refuses commands whose every start may run other code"],
};

type PluginSubject = Extract<PolicySubject, { kind: "plugin" }>;

/**
 * The policy of several documents, merged to the strictest: every block list blocks, every allow list must admit, a plugin that one
 * document blocks stays blocked, a switch that one document sets is set. No document at all restricts nothing.
 */
export function makeDecide(documents: readonly PolicyDocument[]): Decide {
  // A hundred plugins of one marketplace ask about it a hundred times.
  const known = new WeakMap<MarketplaceSource, PolicyDecision>();
  const ofMarket = (source: MarketplaceSource): PolicyDecision => {
    const decision = known.get(source) ?? decideMarketplace(documents, source);
    known.set(source, decision);
    return decision;
  };
  return (subject, action) => {
    switch (subject.kind) {
      case "marketplace":
        return nameTaken(documents, subject.name, subject.identity) ?? ofMarket(subject.source);
      case "plugin":
        return decidePlugin(documents, subject, action, ofMarket);
      case "contribution":
        return decideContribution(documents, subject.id, subject.contribution.kind);
      case "capability":
        return blockedPlugin(documents, subject.id) ?? decideCapability(documents, subject.id, subject.capability);
      case "process":
        return blockedPlugin(documents, subject.id) ?? ALLOWED;
      case "flag":
        return decideFlag(documents, subject.name);
    }
  };
}

/** The rule that keeps a plugin on, whether or not another one blocks it. */
function forcedBy(documents: readonly PolicyDocument[], id: string): RulePlace | undefined {
  for (const { plugins } of documents) {
    const place = plugins.forced.get(id);
    if (place !== undefined) return place;
  }
  return undefined;
}

function decideMarketplace(documents: readonly PolicyDocument[], source: MarketplaceSource): PolicyDecision {
  const subject = marketSubject(source);
  for (const { block } of documents) {
    for (const list of block) {
      if (list.closed) return denied(list.place, "a rule of this block list cannot be read, so it blocks everything");
      const rule = list.rules.find(({ value }) => matches(value, subject, "block"));
      if (rule !== undefined) return denied(rule.place, "this rule blocks the marketplace's source");
    }
  }
  for (const { allow } of documents) {
    for (const list of allow) {
      if (list.closed) return denied(list.place, "this allow list cannot be read, so it admits nothing");
      if (list.rules.some(({ value }) => matches(value, subject, "allow"))) continue;
      return denied(
        list.place,
        list.rules.length === 0
          ? "this allow list is empty, so it admits nothing"
          : "no rule of this allow list admits the marketplace's source",
      );
    }
  }
  return ALLOWED;
}

/** Rules name plugins by their marketplace's name, so that a name which administrators give is theirs. */
function nameTaken(
  documents: readonly PolicyDocument[],
  name: string | undefined,
  identity: string,
): PolicyDecision | undefined {
  for (const { extraKnownMarketplaces } of documents) {
    const known = name === undefined ? undefined : extraKnownMarketplaces[name];
    if (known === undefined) continue;
    const own = canonicalSource(known.source).identity;
    if (own !== identity) return denied(known.place, `this key says that \`${name ?? ""}\` is \`${own}\``);
  }
  return undefined;
}

function marketNameOf(id: string): string {
  return id.slice(id.lastIndexOf("@") + 1);
}

function decidePlugin(
  documents: readonly PolicyDocument[],
  subject: PluginSubject,
  action: PolicyAction,
  ofMarket: (source: MarketplaceSource) => PolicyDecision,
): PolicyDecision {
  const blocked = blockedPlugin(documents, subject.id);
  const forced = forcedBy(documents, subject.id);
  if (action === "disable") {
    return blocked === undefined && forced !== undefined
      ? denied(
          forced,
          forced.key.startsWith("plugins.") ? "this rule requires it" : "this rule keeps the plugin enabled",
        )
      : ALLOWED;
  }
  if (blocked !== undefined) return blocked;
  const market =
    subject.market === undefined
      ? decideLoose(documents, subject, ofMarket)
      : (nameTaken(documents, marketNameOf(subject.id), subject.market.identity) ?? ofMarket(subject.market.source));
  if (!market.allowed) return market;
  const source = decidePluginSource(documents, subject);
  if (!source.allowed) return source;
  const pin = decidePin(documents, subject);
  if (pin !== undefined) return pin;
  return forced === undefined ? ALLOWED : { allowed: true, forced: true };
}

/** Whether it is the version, and are the files, that rules are about, and as pinned as they have to be. */
function decidePin(documents: readonly PolicyDocument[], subject: PluginSubject): PolicyDecision | undefined {
  let isPinned = false;
  for (const { plugins } of documents) {
    const rule = pluginRule(plugins, subject.id);
    if (rule === undefined) continue;
    const problem = mismatch(rule, subject);
    if (problem !== undefined) return denied(rule.place, problem);
    isPinned ||= rule.value.digests !== undefined;
  }
  const place = isPinned ? undefined : flagPlace(documents, "requirePin");
  const problem = place === undefined ? undefined : unpinned(subject);
  return place === undefined || problem === undefined ? undefined : denied(place, problem);
}

/** A plugin of no marketplace passes where its directory does; without a known directory only where no list exists. */
function decideLoose(
  documents: readonly PolicyDocument[],
  subject: PluginSubject,
  ofMarket: (source: MarketplaceSource) => PolicyDecision,
): PolicyDecision {
  if (subject.source?.kind === "directory") return ofMarket({ kind: "directory", path: subject.source.path });
  const list = documents.flatMap(({ allow, block }) => [...allow, ...block.filter(isRestrictive)])[0];
  return list === undefined
    ? ALLOWED
    : denied(list.place, "a list is in force, and the plugin's marketplace is not known");
}

function decidePluginSource(documents: readonly PolicyDocument[], subject: PluginSubject): PolicyDecision {
  const { source, market, listed = true } = subject;
  if (source === undefined) return ALLOWED;
  const from = pluginSubject(source);
  const isIn = ({ rules }: PolicyList, use: "allow" | "block") =>
    from === undefined ? undefined : rules.find(({ value }) => matches(value, from, use));
  for (const list of documents.flatMap(({ block, blockSources }) => [...block, ...blockSources])) {
    if (list.closed) return denied(list.place, "a rule of this block list cannot be read, so it blocks everything");
    const rule = isIn(list, "block");
    if (rule !== undefined) return denied(rule.place, "this rule blocks the source of the plugin's files");
  }
  const isMarkets = market !== undefined && isOwn(source, market.source);
  for (const { allow, allowSources, pluginSources } of documents) {
    // A marketplace that a list of the same file admits is admitted with what lies in it.
    if (isMarkets && (allow.length > 0 || allowSources.length === 0)) continue;
    const trusts = pluginSources === "trustCatalog" && market !== undefined && listed;
    const lists = allowSources.length > 0 ? allowSources : trusts ? [] : allow;
    for (const list of lists) {
      if (isIn(list, "allow") !== undefined) continue;
      return denied(list.place, "no rule of this allow list admits the source of the plugin's files");
    }
  }
  return ALLOWED;
}

/** Whether a plugin's files lie in the marketplace that was admitted with everything in it. */
function isOwn(source: LockedSource, market: MarketplaceSource): boolean {
  if (source.kind === "git") return gitOf(market)?.url === source.url;
  if (source.kind === "npm")
    return market.kind === "npm" && source.package === market.package && source.registry === market.registry;
  const directory = marketDirectory(market);
  return source.kind === "directory" && directory !== undefined && isWithin(directory, source.path);
}

function decideContribution(documents: readonly PolicyDocument[], id: string, kind: string): PolicyDecision {
  const blocked = blockedPlugin(documents, id);
  if (blocked !== undefined) return blocked;
  const capability = decideCapability(documents, id, kind);
  if (!capability.allowed || kind !== "hook") return capability;
  const off = flagPlace(documents, "disableAllHooks");
  if (off !== undefined) return denied(off, "this switch turns every hook off");
  const managedOnly = flagPlace(documents, "allowManagedHooksOnly");
  if (managedOnly === undefined || forcedBy(documents, id) !== undefined) return ALLOWED;
  if (documents.some(({ trustedHooks }) => trustedHooks.has(id))) return ALLOWED;
  return denied(
    managedOnly,
    "this switch admits hooks of plugins that policy enables, or trusts in `trustedHooks`, only",
  );
}

function decideCapability(documents: readonly PolicyDocument[], id: string, capability: string): PolicyDecision {
  for (const { ceilings } of documents) {
    const ceiling = ceilings.get(capability);
    if (ceiling === undefined || isUnder(ceiling, id)) continue;
    const why = ceiling.closed ? "this list cannot be read, so no plugin may" : "only plugins of this list may";
    return denied(ceiling.place, `${why} bring \`${capability}\``);
  }
  return ALLOWED;
}

function decideFlag(documents: readonly PolicyDocument[], name: string): PolicyDecision {
  const plain = name.replace(/^-+/, "");
  if (SIDELOAD.has(plain)) {
    const off = flagPlace(documents, "disableSideloadFlags");
    const what =
      plain === "settings" ? "settings that stand in no file of theirs" : "plugins from outside marketplaces";
    return off === undefined ? ALLOWED : denied(off, `this switch refuses ${what}`);
  }
  const [flag, reason] = SWITCHES[plain] ?? [];
  if (flag !== undefined && reason !== undefined) {
    const off = flagPlace(documents, flag);
    return off === undefined ? ALLOWED : denied(off, reason);
  }
  if (plain !== "command-source") return ALLOWED;
  for (const { flags } of documents) {
    const own = flags.disableCommandPluginSources;
    const rule = own ?? flags.allowManagedHooksOnly;
    if (rule?.value === true) return denied(rule.place, "this switch refuses sources that run a command");
  }
  return ALLOWED;
}

function blockedPlugin(documents: readonly PolicyDocument[], id: string): PolicyDecision | undefined {
  for (const { plugins } of documents) {
    if (plugins.closed !== undefined)
      return denied(plugins.closed, "this key cannot be read, so no plugin may be enabled");
    const rule = pluginRule(plugins, id);
    const refusal = rule === undefined ? undefined : refusalOf(rule, id);
    if (rule !== undefined && refusal !== undefined) return denied(rule.place, refusal);
    const block = pluginBlock(plugins, id);
    if (block === undefined) continue;
    const why = block.reason === undefined ? "this rule blocks the plugin" : `it was withdrawn: ${block.reason}`;
    const reason = block.isReadable ? why : "this rule cannot be read, so it blocks the plugin";
    return denied(block.place, reason);
  }
  return undefined;
}

/** Why a rule of `plugins` admits no version of a plugin at all. */
function refusalOf({ key, value }: PluginRule, id: string): string | undefined {
  const { rule, isReadable, reason } = value;
  if (!isReadable) return "this rule cannot be read, so it blocks what it is about";
  if (!key.startsWith("*") && key !== id)
    return `this rule is about \`${key}\`, which is spelled otherwise, so this plugin is none that it admits`;
  if (rule !== "blocked") return undefined;
  const what = key.startsWith("*") ? "every plugin that no other rule of its file names" : "the plugin";
  return reason === undefined ? `this rule blocks ${what}` : `this rule blocks ${what}: ${reason}`;
}

function flagPlace(documents: readonly PolicyDocument[], flag: PolicyFlag): RulePlace | undefined {
  for (const { flags } of documents) {
    const rule = flags[flag];
    if (rule?.value === true) return rule.place;
  }
  return undefined;
}

function isRestrictive(list: PolicyList): boolean {
  return list.closed || list.rules.length > 0;
}

function denied(rule: RulePlace, reason: string): PolicyDecision {
  return { allowed: false, rule, reason };
}
