import type { Contribution, PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { AgentCommand } from "./agent-command.ts";
import type { ConfigEdit } from "./config-file.ts";
import type { Placement } from "./placement.ts";

/** A plugin of a root as it is given to other agents. */
export interface AgentPlugin {
  readonly id: string;
  /** The part of the id before `@`: what every agent calls it. */
  readonly name: string;
  readonly version: string;
  readonly enabled: boolean;
  /** Absolute directory of its immutable tree. */
  readonly tree: string;
  /** Changes with everything that a writer reads of it. */
  readonly key: string;
  readonly manifest: PluginManifest;
  /** The contributions that are switched on. */
  readonly contributions: readonly Contribution[];
  /** Whether its tree alone says all of this: nothing is switched off, and no catalog entry adds to it or stands for it. */
  readonly whole: boolean;
  /** Absolute directory of its data, which outlives versions. */
  readonly data: string;
}

/** Something that an agent cannot be given: per component, so that nothing is lost in silence. */
export interface Loss {
  readonly plugin: string;
  /** E.g. `hook PreToolUse`, `MCP server facts`; absent when it is the whole plugin. */
  readonly component?: string | undefined;
  /** What of the component, when the rest of it is there, e.g. `condition`. */
  readonly part?: string | undefined;
  readonly reason: string;
}

/** How an agent holds a kind of contribution: as it is, rewritten into its own form, or not at all and why. */
export type Expression = "native" | "translated" | { readonly lost: string };

/** What an agent can hold, by kind of contribution; a kind that is missing is lost as unknown to it. */
export type Expresses = Readonly<Partial<Record<Contribution["kind"], Expression>>>;

/** Where an agent is looked for. */
export interface Machine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The person's home directory. */
  readonly homeDirectory: string;
}

/** An agent found on this machine. */
export interface FoundAgent {
  /** Real path of its program; absent for one that is only a folder. */
  readonly program?: string | undefined;
  /** As its package says, without starting it; `undefined` when it does not. */
  readonly version?: string | undefined;
  /** Absolute folder of its configuration, which need not exist. */
  readonly folder: string;
}

/** The root that is carried into an agent. */
export interface Place {
  /** `user` or a project's real path. */
  readonly root: string;
  readonly agent: FoundAgent;
  readonly machine: Machine;
  /** Name of the generated marketplace in the agent, one per root. */
  readonly marketplace: string;
  /** Absolute folder that is this agent's and this root's alone, inside the Plugsmith home. */
  readonly own: string;
}

/** What the agent's own program must be told to hold, beside files. */
export interface Registration {
  readonly name: string;
  readonly version: string;
  readonly enabled: boolean;
  /** Changes with the files that the agent reads or copies. */
  readonly key: string;
}

/** Everything that a set of plugins comes to in one agent; a pure value. */
export interface Rendering {
  readonly placements: readonly Placement[];
  readonly edits: readonly ConfigEdit[];
  /** Empty for an agent that reads files only. */
  readonly registrations: readonly Registration[];
  readonly losses: readonly Loss[];
}

/** A plugin of ours as an agent's own program lists it. */
export interface ListedRegistration {
  /** Absent where the program does not say. */
  readonly version?: string | undefined;
  readonly enabled: boolean;
}

/** How an agent's own program is driven; its state files are its own business. */
export interface Door {
  /** Absolute paths of the configuration files that the program writes while it is told things here. */
  readonly configFiles: (place: Place) => readonly string[];
  /** What the program itself says it holds of `place.marketplace`, by name. Throws `E_AGENT_PROGRAM`. */
  readonly listed: (place: Place, command: AgentCommand) => Promise<ReadonlyMap<string, ListedRegistration>>;
  /**
   * Brings the program to hold exactly these registrations of `place.marketplace`, and the marketplace itself only while
   * there are any. Throws `E_AGENT_PROGRAM` with the program's own words.
   */
  readonly register: (
    wanted: readonly Registration[],
    had: ReadonlyMap<string, Registration>,
    place: Place,
    command: AgentCommand,
  ) => Promise<void>;
}

/** An agent that plugins can be carried into; a file each. */
export interface AgentTarget {
  /** As in `--to`, e.g. `claude`. */
  readonly name: string;
  readonly title: string;
  /** The plugin that tells of it; absent for one that is known by itself. */
  readonly plugin?: string | undefined;
  readonly expresses: Expresses;
  /** Whether a project can have plugins of its own in it, and if not why. */
  readonly projects: true | { readonly lost: string };
  /** Whether it is written into without being named, when it is found. */
  readonly byDefault: boolean;
  readonly find: (machine: Machine) => FoundAgent | undefined;
  readonly render: (plugins: readonly AgentPlugin[], place: Place) => Rendering;
  readonly door?: Door | undefined;
}
