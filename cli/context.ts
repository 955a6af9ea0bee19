import type { Scope } from "../marketplace/plan/plan.ts";
import type { Engine } from "./compose.ts";
import type { Writer } from "./print/writer.ts";

/** The flags of every verb, read. */
export interface GlobalOptions {
  readonly json: boolean;
  /** `undefined` leaves the choice to the verb. */
  readonly scope: Scope | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly accept: readonly string[];
  readonly offline: boolean;
  readonly verbose: boolean;
}

/** What a verb gets beside its words. */
export interface VerbContext {
  readonly options: GlobalOptions;
  /** Absolute directory that the verb acts in. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly writer: Writer;
  /** Composes marketplace, core and the person at the terminal once; closed after the verb. */
  readonly engine: () => Promise<Engine>;
}
