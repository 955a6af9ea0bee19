import type { PolicyFlag } from "../../../schemas/policy-flags.ts";
import type { PolicyDocument, RulePlace } from "../../../schemas/policy.ts";
import type { PluginRules } from "../../../schemas/policy-plugins.ts";
import { allowCell, blockCell, offeredCell } from "./list-cells.ts";
import { blockedCell, forcedCell, rulesCell, trustedHooksCell } from "./plugin-cells.ts";
import {
  aboutPlugsmith,
  everyAgent,
  oursAlone,
  ourSwitch,
  type PolicyRow,
  switchRow,
  type Unsaid,
} from "./policy-cells.ts";
import { NOTHING } from "./policy-loss.ts";
import type { WrittenPolicy } from "./written-policy.ts";

/** Everything that a policy can say; a key that is new needs a row before this compiles. */
type PolicyKey =
  | PolicyFlag
  | Exclude<keyof PolicyDocument, "file" | "diagnostics" | "flags" | "plugins">
  | Exclude<keyof PluginRules, "closed">;

const NO_SIDELOAD: Unsaid = {
  reason: "it can be started with plugins and servers from anywhere, and its managed file does not forbid that",
  hint: "start it through a wrapper that passes no such flags, or leave it off machines where this counts",
};
const HOOKS_HINT = "allow marketplaces only whose plugins have hooks that you agree to";
/** The file that Copilot CLI and VS Code share; one of them knows the switch. */
const GITHUB_HOOKS = { allowManagedHooksOnly: true };
const COPILOT_HOOKS: Unsaid = { reason: "Copilot CLI has no switch for hooks", hint: HOOKS_HINT };

const PLUGIN_SOURCES: Unsaid = {
  reason: "asks no list for where a plugin's own files come from",
  hint: "allow marketplaces whose plugins lie beside the catalog, or block single plugins in `enabledPlugins`",
};

/** How every agent says every key, in the order in which they are written. */
export const POLICY_TABLE: Readonly<Record<PolicyKey, PolicyRow>> = {
  allow: everyAgent(["strictKnownMarketplaces", "allowedMarketplaces"], allowCell),
  block: everyAgent(["blockedMarketplaces"], blockCell),
  extraKnownMarketplaces: everyAgent(["extraKnownMarketplaces", "additionalMarketplaces"], offeredCell),
  forced: everyAgent(["enabledPlugins"], forcedCell),
  blocked: everyAgent(["enabledPlugins", "yankedPlugins"], blockedCell),
  rules: everyAgent(["plugins"], rulesCell),
  allowSources: oursAlone(["allowedPluginSources"], sourcePlaces("allowSources"), PLUGIN_SOURCES),
  blockSources: oursAlone(["blockedPluginSources"], sourcePlaces("blockSources"), PLUGIN_SOURCES),
  ceilings: oursAlone(["capabilityCeilings"], ceilings, {
    reason: "limits no plugin in what it may bring",
    hint: "block the plugins that bring it in `enabledPlugins`",
  }),
  pluginSources: oursAlone(["pluginSources"], boundSources, {
    reason: "asks the lists for marketplaces, and not for where a plugin's own files come from",
    hint: "allow marketplaces whose plugins lie beside the catalog, or block single plugins in `enabledPlugins`",
  }),
  disableSideloadFlags: switchRow("disableSideloadFlags", {
    claude: { writes: { disableSideloadFlags: true } },
    codex: {
      weaker: {
        reason: "`codex -c mcp_servers.…` starts any server",
        hint: "name the servers that may run in `[mcp_servers]` of the same file",
      },
    },
    copilot: { weaker: NO_SIDELOAD },
    vscode: { weaker: NO_SIDELOAD },
  }),
  disableCommandPluginSources: {
    ...switchRow("disableCommandPluginSources", {
      claude: { writes: { disableCommandPluginSources: true } },
      // These have no sources that run a command.
      codex: {},
      copilot: {},
      vscode: {},
    }),
    claude: commandSources,
  },
  allowManagedHooksOnly: switchRow("allowManagedHooksOnly", {
    claude: { writes: { allowManagedHooksOnly: true } },
    codex: { writes: { allow_managed_hooks_only: true }, stricter: "Codex runs hooks of no plugin then" },
    copilot: { writes: GITHUB_HOOKS, weaker: COPILOT_HOOKS },
    vscode: { writes: GITHUB_HOOKS },
  }),
  trustedHooks: { ...everyAgent(["trustedHooks"], trustedHooksCell), codex: () => NOTHING, copilot: () => NOTHING },
  disableAllHooks: switchRow("disableAllHooks", {
    claude: { writes: { disableAllHooks: true } },
    codex: { writes: { features: { hooks: false } } },
    copilot: { writes: GITHUB_HOOKS, weaker: COPILOT_HOOKS },
    vscode: {
      writes: GITHUB_HOOKS,
      weaker: { reason: "VS Code still runs hooks of plugins that `enabledPlugins` has on", hint: HOOKS_HINT },
    },
  }),
  minimumReleaseAge: oursAlone(["minimumReleaseAge"], releaseAges, {
    reason: "takes releases of registries however young they are",
    hint: "let the registry, or a proxy before it, hold young releases back",
  }),
  sourceRewrites: oursAlone(["sourceRewrites"], rewrites, {
    reason: "fetches from the address that the source names",
    hint: "`url.<mirror>.insteadOf` in `/etc/gitconfig` leads its git to the mirror",
  }),
  refuseEscapingLinks: ourSwitch(
    "refuseEscapingLinks",
    "installs plugins with links that lead out",
    "give it plugins through `plugin add … --to`, which follows no such link",
  ),
  verifyOnLoad: ourSwitch(
    "verifyOnLoad",
    "does not compare what it loads with a digest",
    "`plugin verify` in a timer tells what changed",
  ),
  requirePin: ourSwitch(
    "requirePin",
    "installs what a branch or range leads to",
    "pin the entries of the catalogs that you allow by `sha`",
  ),
  requireLockedLaunchers: ourSwitch(
    "requireLockedLaunchers",
    "starts what `npx` and its like download",
    "give it plugins through `plugin add … --to`, which writes what was locked",
  ),
  secrets: oursAlone(["secrets"], secretPlaces, {
    reason: "keeps what plugins are told in secret where it has its own place for that",
    hint: "block the plugins that want a secret in `enabledPlugins`",
  }),
  hideDisallowed: aboutPlugsmith(["hideDisallowed"]),
  disableUi: aboutPlugsmith(["disableUi"]),
};

/** As in the decision: `allowManagedHooksOnly` counts where the switch itself is not written. */
function commandSources(policy: WrittenPolicy): ReturnType<PolicyRow["claude"]> {
  const own = policy.flatMap(({ document }) => document.flags.disableCommandPluginSources ?? []);
  if (own.some(({ value }) => value)) return { settings: { disableCommandPluginSources: true }, losses: [] };
  const isOff = policy.every(
    ({ document: { flags } }) =>
      flags.disableCommandPluginSources !== undefined || flags.allowManagedHooksOnly?.value !== true,
  );
  return own.length > 0 && isOff ? { settings: { disableCommandPluginSources: false }, losses: [] } : NOTHING;
}

/** Where the lists bind where plugins come from: block lists always, allow lists unless catalogs are trusted. */
function boundSources(policy: WrittenPolicy): readonly RulePlace[] {
  const bound = policy.flatMap(({ document: { allow, block, pluginSources } }) => [
    ...(pluginSources === "inherit" ? allow : []),
    ...block.filter(({ rules }) => rules.length > 0),
  ]);
  return bound.slice(0, 1).map(({ place }) => ({ ...place, key: "pluginSources" }));
}

function sourcePlaces(key: "allowSources" | "blockSources"): (policy: WrittenPolicy) => readonly RulePlace[] {
  return (policy) => policy.flatMap(({ document }) => document[key].map(({ place }) => place));
}

function secretPlaces(policy: WrittenPolicy): readonly RulePlace[] {
  return policy.flatMap(({ document: { secrets } }) => {
    const place = secrets.allowed?.place ?? secrets.chosen?.place;
    return place === undefined ? [] : [place];
  });
}

function ceilings(policy: WrittenPolicy): readonly RulePlace[] {
  return policy.flatMap(({ document }) => [...document.ceilings.values()].map(({ place }) => place));
}

function releaseAges(policy: WrittenPolicy): readonly RulePlace[] {
  return policy.flatMap(({ document: { minimumReleaseAge: age } }) =>
    age === undefined || age.ms === 0 ? [] : [age.place],
  );
}

function rewrites(policy: WrittenPolicy): readonly RulePlace[] {
  return policy.flatMap(({ document }) => (document.sourceRewrites?.rules ?? []).map(({ place }) => place));
}
