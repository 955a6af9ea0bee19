/** How many lines of a text came and went. */
export interface LineCounts {
  readonly added: number;
  readonly removed: number;
}

/** One file, or link, that two trees do not have alike. */
export interface FileDifference {
  readonly change: "added" | "removed" | "changed";
  readonly path: string;
  /** It is a program by its mode, its first bytes or its name. */
  readonly program?: true | undefined;
  /** Lines that came and went; absent where one side is no text, or too long. */
  readonly lines?: LineCounts | undefined;
}

/** One thing that a plugin adds: `kind` is that of a component, `service`, or the point of something that its code announces. */
export interface ContributionFact {
  readonly kind: string;
  readonly name: string;
}

/** Something that can execute, whatever plugin it belongs to. */
export interface ExecutableFact {
  readonly kind: string;
  readonly name: string;
  /** The whole command, address or path. */
  readonly display: string;
}

/** Another plugin that one needs; `market` only where it is said. */
export interface DependencyFact {
  readonly id: string;
  readonly range: string;
}

/** What only one of two sides has, each in its order there. */
export interface Change<T> {
  readonly added: readonly T[];
  readonly removed: readonly T[];
}

/** A number on both sides. */
export interface Amount {
  readonly before: number;
  readonly after: number;
}

/** How two states of a plugin differ. */
export interface PluginDifference {
  readonly files: readonly FileDifference[];
  readonly contributions: Change<ContributionFact>;
  /** What runs another command under the same name stands on both sides. */
  readonly executables: Change<ExecutableFact>;
  readonly capabilities: Change<string>;
  /** Hosts that its texts name. */
  readonly hosts: Change<string>;
  readonly dependencies: Change<DependencyFact>;
  /** Options without which it does not work. */
  readonly requiredOptions: Change<string>;
  /** Always-on estimate. */
  readonly tokens: Amount;
  readonly bytes: Amount;
}

/** How the text of one file changed. */
export interface FilePatch {
  readonly path: string;
  /** Unified; absent where a side is no text, or too long, or not known any more. */
  readonly text?: string | undefined;
}

/** How a plugin differs from the state of it that a person said yes to. */
export interface SinceAccepted {
  readonly files: readonly FileDifference[];
  /** Of files that consent covers and that are new or changed: programs first. */
  readonly patches: readonly FilePatch[];
  /** Hosts that texts and commands name; absent when the texts of then are not known any more. */
  readonly hosts?: Change<string> | undefined;
  /** What runs, as commands show it; absent when the manifest of then is not known any more. */
  readonly executables?: Change<ExecutableFact> | undefined;
  /** Likewise. */
  readonly capabilities?: Change<string> | undefined;
  /** npm packages that the plugin locks or that its commands start, `name@version`. */
  readonly packages: Change<string>;
}
