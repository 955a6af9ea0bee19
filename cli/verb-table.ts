import type { ParsedArguments } from "./flags.ts";
import type { Verb } from "./verb.ts";

/** A verb as the start path knows it: everything else is behind `load`. */
export interface VerbEntry {
  readonly name: string;
  readonly aliases?: readonly string[] | undefined;
  readonly summary: string;
  /** Present for a verb that is a group of verbs. */
  readonly verbs?: readonly VerbEntry[] | undefined;
  /** It changes what runs here, always or with these flags; then it is refused to processes under a session. */
  readonly changes?: true | ((args: ParsedArguments) => boolean) | undefined;
  /** It needs none of the engine. */
  readonly light?: true | undefined;
  readonly load?: (() => Promise<{ readonly verb: Verb }>) | undefined;
}

const MARKETPLACE: readonly VerbEntry[] = [
  { name: "add", changes: true, summary: "add a marketplace", load: () => import("./verbs/marketplace-add.ts") },
  {
    name: "list",
    aliases: ["ls"],
    summary: "list added marketplaces",
    load: () => import("./verbs/marketplace-list.ts"),
  },
  {
    name: "update",
    aliases: ["upgrade"],
    changes: true,
    summary: "refresh catalogs",
    load: () => import("./verbs/marketplace-update.ts"),
  },
  {
    name: "remove",
    aliases: ["rm"],
    changes: true,
    summary: "forget a marketplace",
    load: () => import("./verbs/marketplace-remove.ts"),
  },
  {
    name: "site",
    summary: "write a marketplace as a static web site",
    load: () => import("./verbs/marketplace-site.ts"),
  },
  { name: "validate", summary: "check a marketplace's files", load: () => import("./verbs/marketplace-validate.ts") },
];

const BUNDLE: readonly VerbEntry[] = [
  {
    name: "export",
    summary: "put plugins with everything they need into one archive",
    load: () => import("./verbs/bundle-export.ts"),
  },
  {
    name: "import",
    changes: true,
    summary: "install plugins from an archive, without a network",
    load: () => import("./verbs/bundle-import.ts"),
  },
];

const CACHE: readonly VerbEntry[] = [
  {
    name: "gc",
    changes: true,
    summary: "remove what nothing needs any more",
    load: () => import("./verbs/cache-gc.ts"),
  },
  { name: "path", summary: "print where plugin files lie", load: () => import("./verbs/cache-path.ts") },
];

const POLICY: readonly VerbEntry[] = [
  {
    name: "show",
    summary: "what the managed policy of this machine says",
    load: () => import("./verbs/policy-show.ts"),
  },
  {
    name: "explain",
    summary: "what policy says of a plugin, marketplace or flag, and which rule",
    load: () => import("./verbs/policy-explain.ts"),
  },
  {
    name: "test",
    summary: "hold a policy against what you expect of it",
    load: () => import("./verbs/policy-test.ts"),
  },
  {
    name: "compile",
    summary: "write a policy as the managed file of another agent",
    load: () => import("./verbs/policy-compile.ts"),
  },
];

const AUDIT: readonly VerbEntry[] = [
  { name: "query", summary: "see what was done, allowed and refused", load: () => import("./verbs/audit-query.ts") },
  {
    name: "verify",
    summary: "find out whether somebody changed the log",
    load: () => import("./verbs/audit-verify.ts"),
  },
  {
    name: "export",
    summary: "write the log as JSON lines, or send it to an OTLP collector",
    load: () => import("./verbs/audit-export.ts"),
  },
  {
    name: "prune",
    changes: true,
    summary: "remove old segments of the log, on the record",
    load: () => import("./verbs/audit-prune.ts"),
  },
];

const CONFIG: readonly VerbEntry[] = [
  {
    name: "list",
    aliases: ["ls"],
    summary: "list the options of plugins, their values and where those come from",
    load: () => import("./verbs/config-list.ts"),
  },
  {
    name: "get",
    changes: (args) => args.switches.has("reveal"),
    summary: "print the value of one option",
    load: () => import("./verbs/config-get.ts"),
  },
  {
    name: "set",
    changes: true,
    summary: "give options of a plugin their values",
    load: () => import("./verbs/config-set.ts"),
  },
  {
    name: "unset",
    aliases: ["rm"],
    changes: true,
    summary: "take the value of one option away",
    load: () => import("./verbs/config-unset.ts"),
  },
];

/** Every verb in the order of help. */
export const VERBS: readonly VerbEntry[] = [
  {
    name: "add",
    aliases: ["install", "i"],
    changes: true,
    summary: "install plugins with everything they need",
    load: () => import("./verbs/add.ts"),
  },
  {
    name: "remove",
    aliases: ["uninstall", "rm"],
    changes: true,
    summary: "uninstall plugins and what only they needed",
    load: () => import("./verbs/remove.ts"),
  },
  {
    name: "list",
    aliases: ["ls"],
    summary: "list installed plugins",
    light: true,
    load: () => import("./verbs/list.ts"),
  },
  {
    name: "info",
    aliases: ["details"],
    summary: "what a plugin contains, costs and comes from",
    load: () => import("./verbs/info.ts"),
  },
  {
    name: "agents",
    summary: "other agents on this machine, and what they can be given",
    load: () => import("./verbs/agents.ts"),
  },
  {
    name: "import",
    changes: true,
    summary: "take over what other agents have installed by themselves",
    load: () => import("./verbs/import.ts"),
  },
  {
    name: "doctor",
    changes: (args) => args.switches.has("fix"),
    summary: "find what is wrong, and mend it with --fix",
    load: () => import("./verbs/doctor.ts"),
  },
  {
    name: "enable",
    changes: true,
    summary: "switch plugins or one component on",
    load: () => import("./verbs/enable.ts"),
  },
  {
    name: "disable",
    changes: true,
    summary: "switch plugins or one component off",
    load: () => import("./verbs/disable.ts"),
  },
  {
    name: "update",
    aliases: ["upgrade"],
    changes: true,
    summary: "move plugins to the newest versions allowed",
    load: () => import("./verbs/update.ts"),
  },
  { name: "outdated", summary: "list plugins with newer versions", load: () => import("./verbs/outdated.ts") },
  {
    name: "diff",
    summary: "compare generations, locks or versions: files, what runs, what it costs",
    load: () => import("./verbs/diff.ts"),
  },
  {
    name: "bisect",
    summary: "find the change that made a command fail",
    load: () => import("./verbs/bisect.ts"),
  },
  { name: "why", summary: "explain why a plugin is installed", load: () => import("./verbs/why.ts") },
  {
    name: "sync",
    changes: true,
    summary: "make the installed set match plugins.json and plugins.lock",
    load: () => import("./verbs/sync.ts"),
  },
  {
    name: "rollback",
    changes: true,
    summary: "return to an earlier generation",
    load: () => import("./verbs/rollback.ts"),
  },
  {
    name: "generations",
    light: true,
    summary: "list what can be rolled back to",
    load: () => import("./verbs/generations.ts"),
  },
  {
    name: "trust",
    changes: (args) => !args.switches.has("list"),
    summary: "trust a workspace, or take that back",
    load: () => import("./verbs/trust.ts"),
  },
  {
    name: "verify",
    changes: (args) => args.switches.has("repair"),
    summary: "compare installed files with their digests",
    load: () => import("./verbs/verify.ts"),
  },
  { name: "config", summary: "see and set the options and secrets of plugins", verbs: CONFIG },
  { name: "policy", summary: "see, question, test and compile the managed policy", verbs: POLICY },
  { name: "audit", summary: "see, check and hand on the log of what was done", verbs: AUDIT },
  { name: "cache", summary: "see and tidy up where plugin files lie", verbs: CACHE },
  {
    name: "serve",
    summary: "offer every enabled plugin to any MCP client",
    load: () => import("./verbs/serve.ts"),
  },
  { name: "bundle", summary: "carry plugins to a machine without a network", verbs: BUNDLE },
  {
    name: "sbom",
    summary: "print a bill of materials of what is installed (CycloneDX)",
    load: () => import("./verbs/sbom.ts"),
  },
  { name: "search", summary: "find plugins in the added marketplaces", load: () => import("./verbs/search.ts") },
  {
    name: "marketplace",
    aliases: ["market"],
    summary: "add, list, update, remove, validate, show marketplaces",
    verbs: MARKETPLACE,
  },
  { name: "new", summary: "start a plugin, or a marketplace with one", load: () => import("./verbs/new.ts") },
  { name: "validate", summary: "check a plugin or marketplace you write", load: () => import("./verbs/validate.ts") },
  { name: "dev", summary: "watch a plugin while you write it", load: () => import("./verbs/dev.ts") },
  { name: "test", summary: "run the test cases of a plugin you write", load: () => import("./verbs/test.ts") },
  { name: "pack", summary: "make one archive of a plugin", load: () => import("./verbs/pack.ts") },
  { name: "release", summary: "tag what changed with its next version", load: () => import("./verbs/release.ts") },
  {
    name: "ui",
    changes: true,
    summary: "show and change what is installed in a browser",
    load: () => import("./verbs/ui.ts"),
  },
  {
    name: "completion",
    light: true,
    summary: "print a completion script for a shell",
    load: () => import("./verbs/completion.ts"),
  },
];

/** The entry that answers to a name or alias. */
export function findVerb(entries: readonly VerbEntry[], word: string): VerbEntry | undefined {
  return entries.find((entry) => entry.name === word || entry.aliases?.includes(word) === true);
}
