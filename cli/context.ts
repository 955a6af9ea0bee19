import type { ManagedFile } from "../core/platform/managed-files.ts";
import type { GlobalOptions } from "./options.ts";
import type { TerminalEngine } from "./terminal.ts";
import type { Writer } from "./print/writer.ts";

/** What a verb gets beside its words. */
export interface VerbContext {
  readonly options: GlobalOptions;
  /** Absolute directory that the verb acts in. */
  readonly cwd: string;
  /** On its `PATH` stands nothing of a workspace that nobody trusts. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `PATH` as the person has it, for commands that they name. */
  readonly searchPath: string | undefined;
  readonly writer: Writer;
  /** The command line as it can be typed again, without digests that were accepted. */
  readonly command: string;
  /** Where policy is read; default, and for every person, the fixed places of this machine. */
  readonly managedFiles?: (() => readonly ManagedFile[]) | undefined;
  /** Composes marketplace, core and the person at the terminal once; closed after the verb. */
  readonly engine: () => Promise<TerminalEngine>;
}
