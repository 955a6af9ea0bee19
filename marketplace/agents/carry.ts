import { isDeepStrictEqual } from "node:util";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { type AgentCommand, agentCommand } from "./agent-command.ts";
import { type AgentRecord, holdsNothing, NOTHING } from "./agent-state.ts";
import {
  claimMembers,
  closeConfig,
  type ConfigEdit,
  type ConfigRecord,
  openConfig,
  restoreConfig,
  writeMembers,
} from "./config-file.ts";
import { isOwn, withoutObstacles } from "./obstacles.ts";
import { displace, isTaken, place as make, wasChanged } from "./placement.ts";
import { removeTree } from "../store/disk-tree.ts";
import { removeEmptyFolders } from "../store/folders.ts";
import type { AgentPlugin, AgentTarget, Loss, Place, Registration, Rendering } from "./target.ts";

/** What became of one agent. */
export interface AgentOutcome {
  readonly name: string;
  readonly title: string;
  readonly outcome: "written" | "unchanged" | "failed";
  readonly plugins: number;
  readonly losses: readonly Loss[];
  /** What was left because somebody changed it since. */
  readonly remarks: readonly string[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string | undefined } | undefined;
}

/** How one agent is reached. */
export interface Carriage {
  readonly target: AgentTarget;
  readonly place: Place;
  readonly signal: AbortSignal;
  /** Tells the agent's program again what it should know already. */
  readonly thorough?: boolean | undefined;
  /** Remembers what the agent holds; called before and after the agent is told, so that a process that dies forgets nothing. */
  readonly remember: (record: AgentRecord) => void;
}

/**
 * Brings one agent to hold exactly these plugins, none included: files first, then its configuration, then its own program.
 * What fails is told in the outcome and tried again next time; only an interruption is thrown.
 */
export async function carry(
  plugins: readonly AgentPlugin[],
  before: AgentRecord,
  carriage: Carriage,
): Promise<AgentOutcome> {
  const { target, place } = carriage;
  const { name, title } = target;
  try {
    const rendering = withoutObstacles(target.render(plugins, place), before, place);
    const remarks: string[] = [];
    const record = await bring(rendering, heldOf(plugins, rendering.losses), before, carriage, remarks);
    const outcome = isDeepStrictEqual(record, before) ? "unchanged" : "written";
    return { name, title, outcome, plugins: record.held.length, losses: rendering.losses, remarks };
  } catch (error) {
    if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
    const { code, message, hint } = error;
    return {
      name,
      title,
      outcome: "failed",
      plugins: before.held.length,
      losses: [],
      remarks: [],
      error: { code, message, hint },
    };
  }
}

/** The plugins that are on and not lost whole. */
export function heldOf(plugins: readonly AgentPlugin[], losses: readonly Loss[]): readonly string[] {
  const whole = new Set(losses.flatMap(({ plugin, component }) => (component === undefined ? [plugin] : [])));
  return plugins.filter(({ id, enabled }) => enabled && !whole.has(id)).map(({ id }) => id);
}

async function bring(
  rendering: Rendering,
  held: readonly string[],
  before: AgentRecord,
  { target, place, signal, remember, thorough = false }: Carriage,
  remarks: string[],
): Promise<AgentRecord> {
  const { placements, edits, registrations } = rendering;
  const files = new Set([...edits.map(({ file }) => file), ...(target.door?.configFiles(place) ?? [])]);
  const known = new Map(before.configs.map((config) => [config.file, config]));
  const isIdle = placements.length === 0 && edits.length === 0 && registrations.length === 0;
  if (isIdle && holdsNothing(before)) return NOTHING;
  for (const { file } of before.configs) files.add(file);
  let configs: readonly ConfigRecord[] = [...files].map((file) => openConfig(file, known.get(file)));
  let plugins = before.plugins;
  const made = new Map(before.placements.map((one) => [one.path, one]));
  const folders = new Set(before.folders);
  const soFar = (): AgentRecord => ({
    ...before,
    configs,
    placements: [...made.values()],
    folders: [...folders],
    plugins,
  });
  const editsOf = ({ file }: ConfigRecord): readonly ConfigEdit[] => edits.filter((edit) => edit.file === file);
  const writing = placements.filter(({ path, key }) => made.get(path)?.key !== key || !isTaken(path));
  const meant = writing.map(({ path }) => [path, { path, key: "", digest: "" }] as const);
  // Remembered before anything is written: whatever interrupts this, the next time knows what is ours.
  remember({
    ...soFar(),
    placements: [...new Map([...made, ...meant]).values()],
    configs: configs.map((config) => claimMembers(config, editsOf(config))),
  });
  try {
    for (const one of writing) made.set(one.path, make(one, !isOwn(one.path, place), folders));
    configs = configs.map((config) => writeMembers(config, editsOf(config)));
    if (target.door !== undefined && (thorough || !sameRegistrations(registrations, before.plugins))) {
      plugins = halfTold(before.plugins, registrations);
      remember(soFar());
      const had = Object.entries(thorough ? {} : before.plugins).filter(([, { key }]) => key !== HALF_TOLD);
      await target.door.register(registrations, new Map(had), place, commandTo(target, place, signal));
    }
  } catch (error) {
    // What its program wrote until then was not written by somebody else.
    remember({ ...soFar(), configs: configs.map(closeConfig) });
    throw error;
  }
  const wanted = new Set(placements.map(({ path }) => path));
  const leaving = before.placements.filter(({ path }) => !wanted.has(path));
  for (const one of leaving) {
    if (wasChanged(one)) remarks.push(`\`${one.path}\` was changed by hand and is left where it is`);
    else displace(one);
  }
  if (isIdle) removeTree(place.own);
  const left = removeEmptyFolders(folders);
  if (isIdle) {
    for (const config of configs) {
      if (!restoreConfig(config))
        remarks.push(`\`${config.file}\` was changed by others since; only what was ours is taken out`);
    }
    remember(NOTHING);
    return NOTHING;
  }
  const record: AgentRecord = {
    placements: placements.flatMap(({ path }) => made.get(path) ?? []),
    configs: configs.map(closeConfig),
    folders: left,
    held,
    plugins: Object.fromEntries(registrations.map((one) => [one.name, one])),
  };
  remember(record);
  return record;
}

/** The key of a plugin that the program was being told of when it failed: nobody knows what it holds of it. */
const HALF_TOLD = "";

function halfTold(before: AgentRecord["plugins"], wanted: readonly Registration[]): AgentRecord["plugins"] {
  const every = [...Object.values(before), ...wanted];
  return Object.fromEntries(every.map((one) => [one.name, { ...one, key: HALF_TOLD }]));
}

function sameRegistrations(wanted: readonly Registration[], had: AgentRecord["plugins"]): boolean {
  return (
    wanted.length === Object.keys(had).length &&
    wanted.every((one) => {
      const last = had[one.name];
      return last?.version === one.version && last.key === one.key && last.enabled === one.enabled;
    })
  );
}

/** The agent's own program, started where it finds the root. The call throws `E_AGENT_PROGRAM` when there is none. */
export function commandTo(
  { title, name }: AgentTarget,
  { agent, own, root, machine }: Place,
  signal: AbortSignal,
): AgentCommand {
  if (agent.program === undefined) {
    throw new CodedError("E_AGENT_PROGRAM", `${title} has no program to tell`, {
      hint: `leave \`${name}\` out of \`--to\``,
    });
  }
  return agentCommand(title, agent.program, {
    directory: root === "user" ? own : root,
    environment: machine.environment,
    signal,
  });
}
