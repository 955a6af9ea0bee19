import type { AgentOutlook } from "../agents/outlook.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { MovedTag } from "./moved-tag.ts";
import type { PluginDifference, SinceAccepted } from "../compare/difference.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";

/** Where a verb acts: the user's root, a project's shared root, or a project's private picks. */
export type Scope = "user" | "project" | "local";

/** One plugin that a verb would install, change or remove. */
export interface PlanStep {
  readonly id: string;
  readonly action: "install" | "update" | "downgrade" | "reinstall" | "remove" | "enable" | "disable" | "keep";
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Chain of ids from what the person asked for to this plugin, each with the range that leads to the next. */
  readonly why: readonly { readonly id: string; readonly range: string }[];
  readonly source?: LockedSource | undefined;
  readonly tree?: string | undefined;
  /** The components that alone are switched by `enable` or `disable`, as `kind/name`; absent when it is the plugin itself. */
  readonly components?: readonly string[] | undefined;
  readonly bytes: number;
  /** Counts of contributions by kind. */
  readonly provides: Readonly<Record<string, number>>;
  readonly tokens: number;
}

/** Something that can execute, shown before consent with its full command. */
export interface PlanExecutable {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly display: string;
}

/** A name that more than one plugin answers to, or that hides another. */
export interface PlanCollision {
  readonly kind: string;
  readonly name: string;
  readonly ids: readonly string[];
  readonly effect: string;
}

/** One plugin whose closure a person must accept. */
export interface ConsentItem {
  readonly id: string;
  readonly version: string;
  /** The digest that the yes is bound to: of the closure, or of the files when nothing can execute. */
  readonly closure: string;
  /** Digest of its files. */
  readonly tree: string;
  /** The closure accepted before, when this is a change. */
  readonly previous?: string | undefined;
  /** Digest of its canonical manifest, once there is one. */
  readonly manifest?: string | undefined;
  /** How it differs from what was accepted before; absent when the files of then are not known any more. */
  readonly since?: SinceAccepted | undefined;
  readonly executables: readonly PlanExecutable[];
  readonly origin: string;
  /** Set when other files come under a tag that was locked before: also a plugin that runs nothing then needs a yes. */
  readonly moved?: MovedTag | undefined;
}

/** How a plugin that stays differs from what it was. */
export interface PlanDifference {
  readonly id: string;
  readonly difference: PluginDifference;
}

/** npm packages that a plugin locks and that have to be fetched. */
export interface PlanPackages {
  readonly id: string;
  readonly count: number;
  /** The hosts that are asked, sorted. */
  readonly hosts: readonly string[];
  /** Names of those that have an install script, which is not run. */
  readonly scripts: readonly string[];
}

/** A command of a plugin that downloads what it starts. */
export interface PlanLauncher {
  readonly id: string;
  /** Who starts it, e.g. ``MCP server `docs` ``. */
  readonly component: string;
  /** The packages that the command names, as they are locked: `name@version`; absent when it is unlocked. */
  readonly packages?: readonly string[] | undefined;
  /** The container image in full, with the digest that it is locked to. */
  readonly image?: string | undefined;
  /** What they were, or the digest that it was, locked to before, where that is another one. */
  readonly before?: readonly string[] | undefined;
  /** How many packages are locked with them, on all platforms. */
  readonly count?: number | undefined;
  /** Why it is unlocked: a clause such as `it starts a folder`. */
  readonly unlocked?: string | undefined;
}

/** An MCP server whose tools are locked to something else than before, when all is done. */
export interface PlanTools {
  readonly id: string;
  readonly server: string;
  /** How many of its tools are locked then. */
  readonly count: number;
  /** Names of tools that were not locked before. */
  readonly added: readonly string[];
  /** Names of tools that were locked to something else. */
  readonly changed: readonly string[];
  /** Names of tools that are not locked any more, e.g. because the plugin became another one. */
  readonly removed: readonly string[];
}

/** A pure value: what a verb would change, gain, shadow, run and cost. */
export interface Plan {
  readonly verb: string;
  readonly scope: Scope;
  /** `user` or the project's real path. */
  readonly root: string;
  readonly steps: readonly PlanStep[];
  /** Of the first hundred plugins that get other files. */
  readonly differences: readonly PlanDifference[];
  readonly collisions: readonly PlanCollision[];
  readonly executables: readonly PlanExecutable[];
  readonly consent: readonly ConsentItem[];
  readonly packages: readonly PlanPackages[];
  /** Of plugins that arrive or whose launchers are locked to something else than before. */
  readonly launchers: readonly PlanLauncher[];
  readonly tools: readonly PlanTools[];
  /** Dependency cycles, each a list of ids; legal, reported. */
  readonly cycles: readonly (readonly string[])[];
  /** Always-on tokens added (negative: saved). */
  readonly tokensDelta: number;
  /** Bytes that the store grows by. */
  readonly bytesDelta: number;
  readonly diagnostics: readonly (Diagnostic & { readonly id?: string | undefined })[];
  /** What other agents will hold and lose; of those that are found here or were named. */
  readonly agents: readonly AgentOutlook[];
  /** Remarks for people, e.g. a catalog that could not be refreshed. */
  readonly notes: readonly string[];
}
