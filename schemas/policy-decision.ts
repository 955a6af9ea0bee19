import type { LockedSource } from "./lockfile.ts";
import { isWithin, marketDirectory } from "./market-directory.ts";
import type {
  Decide,
  PolicyAction,
  PolicyDecision,
  PolicyDocument,
  PolicyFlag,
  PolicyList,
  PolicySubject,
  RulePlace,
} from "./policy.ts";
import { pluginBlock } from "./policy-plugins.ts";
import { gitOf, matchesMarketplace, matchesPluginSource } from "./policy-rule.ts";
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

type PluginSubject = Extract<PolicySubject, { kind: "plugin" }>;

/**
 * The policy of several documents, merged to the strictest: every block list blocks, every allow list must admit, a plugin that one
 * document blocks stays blocked, a switch that one document sets is set. No document at all restricts nothing.
 */
export function makeDecide(documents: readonly PolicyDocument[]): Decide {
  return (subject, action) => {
    switch (subject.kind) {
      case "marketplace":
        return decideMarketplace(documents, subject.source);
      case "plugin":
        return decidePlugin(documents, subject, action);
      case "contribution":
        return decideContribution(documents, subject.id, subject.contribution.kind);
      case "process":
        return blockedPlugin(documents, subject.id) ?? ALLOWED;
      case "flag":
        return decideFlag(documents, subject.name);
    }
  };
}

/** Whether any document forces a plugin on and none blocks it. */
function isForced(documents: readonly PolicyDocument[], id: string): RulePlace | undefined {
  return documents.map(({ plugins }) => plugins.forced.get(id)).find((place) => place !== undefined);
}

function decideMarketplace(documents: readonly PolicyDocument[], source: MarketplaceSource): PolicyDecision {
  for (const { block } of documents) {
    for (const list of block) {
      if (list.closed) return denied(list.place, "a rule of this block list cannot be read, so it blocks everything");
      const rule = list.rules.find((candidate) => matchesMarketplace(candidate, source, "block"));
      if (rule !== undefined) return denied(rule.place, "this rule blocks the marketplace's source");
    }
  }
  for (const { allow } of documents) {
    for (const list of allow) {
      if (list.closed) return denied(list.place, "this allow list cannot be read, so it admits nothing");
      if (list.rules.some((rule) => matchesMarketplace(rule, source, "allow"))) continue;
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

function decidePlugin(
  documents: readonly PolicyDocument[],
  subject: PluginSubject,
  action: PolicyAction,
): PolicyDecision {
  const blocked = blockedPlugin(documents, subject.id);
  const forced = isForced(documents, subject.id);
  if (action === "disable") {
    return blocked === undefined && forced !== undefined
      ? denied(forced, "this rule keeps the plugin enabled")
      : ALLOWED;
  }
  if (blocked !== undefined) return blocked;
  const market =
    subject.market === undefined
      ? decideLoose(documents, subject)
      : decideMarketplace(documents, subject.market.source);
  if (!market.allowed) return market;
  const source = decidePluginSource(documents, subject);
  if (!source.allowed) return source;
  return forced === undefined ? ALLOWED : { allowed: true, forced: true };
}

/** A plugin of no marketplace passes where its directory does; without a known directory only where no list exists. */
function decideLoose(documents: readonly PolicyDocument[], subject: PluginSubject): PolicyDecision {
  if (subject.source?.kind === "directory")
    return decideMarketplace(documents, { kind: "directory", path: subject.source.path });
  const list = documents.flatMap(({ allow, block }) => [...allow, ...block.filter(isRestrictive)])[0];
  return list === undefined
    ? ALLOWED
    : denied(list.place, "a list is in force, and the plugin's marketplace is not known");
}

function decidePluginSource(documents: readonly PolicyDocument[], subject: PluginSubject): PolicyDecision {
  const { source, market, listed = true } = subject;
  if (source === undefined) return ALLOWED;
  for (const list of documents.flatMap(({ block }) => block)) {
    const rule = list.rules.find((candidate) => matchesPluginSource(candidate, source, "block"));
    if (rule !== undefined) return denied(rule.place, "this rule blocks the source of the plugin's files");
  }
  if (market !== undefined && isOwn(source, market.source)) return ALLOWED;
  for (const { allow, pluginSources } of documents) {
    if (pluginSources === "trustCatalog" && market !== undefined && listed) continue;
    for (const list of allow) {
      if (list.rules.some((rule) => matchesPluginSource(rule, source, "allow"))) continue;
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
  if (blocked !== undefined || kind !== "hook") return blocked ?? ALLOWED;
  const off = flagPlace(documents, "disableAllHooks");
  if (off !== undefined) return denied(off, "this switch turns every hook off");
  const managedOnly = flagPlace(documents, "allowManagedHooksOnly");
  if (managedOnly === undefined || isForced(documents, id) !== undefined) return ALLOWED;
  if (documents.some(({ trustedHooks }) => trustedHooks.has(id))) return ALLOWED;
  return denied(
    managedOnly,
    "this switch admits hooks of plugins that policy enables, or trusts in `trustedHooks`, only",
  );
}

function decideFlag(documents: readonly PolicyDocument[], name: string): PolicyDecision {
  const plain = name.replace(/^-+/, "");
  if (SIDELOAD.has(plain)) {
    const off = flagPlace(documents, "disableSideloadFlags");
    const what =
      plain === "settings" ? "settings that stand in no file of theirs" : "plugins from outside marketplaces";
    return off === undefined ? ALLOWED : denied(off, `this switch refuses ${what}`);
  }
  if (plain === "ui") {
    const off = flagPlace(documents, "disableUi");
    return off === undefined ? ALLOWED : denied(off, "this switch refuses changes from a browser");
  }
  if (plain === "escaping-paths") {
    const off = flagPlace(documents, "refuseEscapingLinks");
    return off === undefined ? ALLOWED : denied(off, "this switch refuses plugins with paths or links that leave them");
  }
  if (plain === "unverified-load") {
    const off = flagPlace(documents, "verifyOnLoad");
    return off === undefined
      ? ALLOWED
      : denied(off, "this switch refuses to load what was not compared with its digest");
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
    const block = pluginBlock(plugins, id);
    if (block === undefined) continue;
    const why = block.reason === undefined ? "this rule blocks the plugin" : `it was withdrawn: ${block.reason}`;
    const reason = block.isReadable ? why : "this rule cannot be read, so it blocks the plugin";
    return denied(block.place, reason);
  }
  return undefined;
}

function flagPlace(documents: readonly PolicyDocument[], flag: PolicyFlag): RulePlace | undefined {
  return documents.map(({ flags }) => flags[flag]).find((rule) => rule?.value === true)?.place;
}

function isRestrictive(list: PolicyList): boolean {
  return list.closed || list.rules.length > 0;
}

function denied(rule: RulePlace, reason: string): PolicyDecision {
  return { allowed: false, rule, reason };
}
