import * as z from "zod";
import { CodedError } from "../../schemas/errors.ts";
import { replaceFile } from "../catalog/registry.ts";
import { readTextIfPresent } from "../generations/state-files.ts";
import type { ConfigRecord } from "./config-file.ts";
import type { MadePlacement } from "./placement.ts";
import type { Registration } from "./target.ts";

/** What one root has in one agent. */
export interface AgentRecord {
  readonly placements: readonly MadePlacement[];
  readonly configs: readonly ConfigRecord[];
  /** Folders of the agent that were made for placements, to be removed once they are empty. */
  readonly folders: readonly string[];
  /** Ids of the plugins that it holds in whole or in part. */
  readonly held: readonly string[];
  /** Plugins that the agent's program was told of, by the name it knows. */
  readonly plugins: Readonly<Record<string, Registration>>;
}

/** Which agents a root is carried into, and what it has in them. */
export interface RootRecord {
  /** What the person named with `--to`; absent while it is whatever is found. */
  readonly to?: readonly string[] | undefined;
  readonly agents: Readonly<Record<string, AgentRecord>>;
}

/** What is remembered of other agents, by root. */
export interface AgentState {
  readonly schema: 1;
  readonly roots: Readonly<Record<string, RootRecord>>;
}

const configShape: z.ZodType<ConfigRecord> = z.strictObject({
  file: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  changed: z.boolean(),
  members: z.array(z.strictObject({ path: z.array(z.string()), value: z.unknown() })),
});

const agentShape: z.ZodType<AgentRecord> = z.strictObject({
  placements: z.array(z.strictObject({ path: z.string(), key: z.string(), digest: z.string() })),
  configs: z.array(configShape),
  folders: z.array(z.string()),
  held: z.array(z.string()),
  plugins: z.record(
    z.string(),
    z.strictObject({ name: z.string(), version: z.string(), key: z.string(), enabled: z.boolean() }),
  ),
});

const rootShape: z.ZodType<RootRecord> = z.strictObject({
  to: z.array(z.string()).optional(),
  agents: z.record(z.string(), agentShape),
});

const stateShape: z.ZodType<AgentState> = z.strictObject({
  schema: z.literal(1),
  roots: z.record(z.string(), rootShape),
});

/** An agent that holds nothing of a root. */
export const NOTHING: AgentRecord = { placements: [], configs: [], folders: [], held: [], plugins: {} };

/** Whether an agent holds nothing of a root. */
export function holdsNothing({ placements, configs, plugins }: AgentRecord): boolean {
  return placements.length === 0 && configs.length === 0 && Object.keys(plugins).length === 0;
}

/** Reads what is remembered of other agents. Throws `E_STATE_CORRUPT`, `E_SCHEMA_NEWER`, `E_IO`. */
export function readAgentState(file: string): AgentState {
  const text = readTextIfPresent(file);
  if (text === undefined) return { schema: 1, roots: {} };
  const found = parse(text, file);
  const read = stateShape.safeParse(found);
  if (read.success) return read.data;
  if (typeof found === "object" && found !== null && "schema" in found && Number(found.schema) > 1) {
    throw new CodedError("E_SCHEMA_NEWER", `\`${file}\` was written by a newer Plugsmith`, {
      where: file,
      hint: "update Plugsmith",
    });
  }
  throw corrupt(file, "has not the shape it was written in");
}

/** Remembers one root anew, readable by the person alone because settings of agents can hold keys. Throws `E_IO`. */
export function writeRootRecord(file: string, root: string, record: RootRecord): void {
  const { roots } = readAgentState(file);
  const { [root]: _, ...others } = roots;
  const isEmpty = record.to === undefined && Object.keys(record.agents).length === 0;
  const next = isEmpty ? others : { ...others, [root]: record };
  replaceFile(file, `${JSON.stringify({ schema: 1, roots: next }, undefined, 1)}\n`);
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw corrupt(file, "is not JSON", cause);
  }
}

function corrupt(file: string, what: string, cause?: unknown): CodedError {
  return new CodedError("E_STATE_CORRUPT", `\`${file}\` ${what}`, {
    cause,
    where: file,
    hint: "move it away and run `plugin sync`; what other agents hold is then written anew",
  });
}
