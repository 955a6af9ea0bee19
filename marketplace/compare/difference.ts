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
