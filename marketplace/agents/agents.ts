import { join } from "node:path";
import type { Exclusively } from "plugsmith/plugin-api";
import { type GenerationPlugin, runTree } from "../../schemas/generation.ts";
import { onPlatform } from "../../schemas/formats/server-platform.ts";
import { startLocked } from "../../schemas/launchers/start-locked.ts";
import { readCurrent } from "../generations/generations.ts";
import { currentNumber } from "../generations/state-files.ts";
import type { Home } from "../home.ts";
import type { Target } from "../install/change.ts";
import { loadRoot } from "../install/root-state.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import { Store } from "../store/store.ts";
import { agentSet } from "./agent-set.ts";
import {
  type AgentRecord,
  NOTHING,
  readAgentState,
  type RootRecord,
  writeRootRecord,
  holdsNothing,
} from "./agent-state.ts";
import { type AgentOutcome, carry } from "./carry.ts";
import { chooseAgents, type Choice, type ChosenAgent } from "./choice.ts";
import { type AgentOutlook, outlook } from "./outlook.ts";
import { drift } from "./doctor/examine.ts";
import { type Drift, lostAgent } from "./doctor/drift.ts";
import { forgottenTarget } from "./forgotten-target.ts";
import { placeOf } from "./place.ts";
import { displace } from "./placement.ts";
import type { AgentPlugin, AgentTarget, FoundAgent, Machine } from "./target.ts";

/** What carrying plugins into other agents needs. */
export interface AgentsOptions {
  readonly home: Home;
  readonly targets: readonly AgentTarget[];
  readonly machine: Machine;
  readonly signal: AbortSignal;
  /** One process at a time tells agents anything; it is not the home's mutex, because agents are slow. */
  readonly exclusively: Exclusively;
}

/** One agent as `plugin agents` shows it. */
export interface KnownAgent {
  readonly target: AgentTarget;
  readonly found: FoundAgent | undefined;
  /** By root: how many plugins it was given. */
  readonly holds: Readonly<Record<string, number>>;
}

/** The other agents on this machine, seen from one Plugsmith home. */
export class Agents {
  readonly #options: AgentsOptions;

  constructor(options: AgentsOptions) {
    this.#options = options;
  }

  /** Foresees what the agents of a root will hold after a change. Throws what `chooseAgents` throws. */
  foresee(
    root: string,
    asked: readonly string[] | undefined,
    plugins: readonly GenerationPlugin[],
    inspected: ReadonlyMap<string, InspectedPlugin>,
    touched: ReadonlySet<string>,
  ): readonly AgentOutlook[] {
    const { home, machine } = this.#options;
    const record = this.#record(root);
    const { agents: chosen } = this.#choose(root, asked, record);
    const left = this.#left(record, chosen);
    if (chosen.length + left.length === 0) return [];
    const store = new Store(home);
    const set = agentSet(
      plugins,
      ({ id, tree }) => {
        const plugin = inspected.get(id);
        if (plugin === undefined) return undefined;
        return { manifest: plugin.manifest, tree: store.directory(tree), entry: plugin.entry };
      },
      home,
    );
    return [...chosen, ...left].map((agent) =>
      outlook(
        agent,
        agent.because === "left" ? [] : set,
        touched,
        record?.agents[agent.target.name] ?? NOTHING,
        placeOf(home, root, agent.target, agent.found, machine),
      ),
    );
  }

  /**
   * Brings the agents of a root to what it runs now, and those that it left to nothing. Does nothing where no agent is
   * chosen or remembered. Throws what `chooseAgents` throws, `E_STATE_CORRUPT`, `E_IO`, `E_LOCKED`, `E_INTERRUPTED`.
   */
  async carry(target: Target, asked?: readonly string[]): Promise<readonly AgentOutcome[]> {
    const root = target.directory ?? "user";
    const record = this.#record(root);
    if (this.#choose(root, asked, record).agents.length === 0 && asked === undefined && record === undefined) return [];
    return await this.#options.exclusively(() => this.#carryHeld(target, root, asked));
  }

  /** Every agent that is known here, found or not. */
  known(): readonly KnownAgent[] {
    const { home, targets, machine } = this.#options;
    const { roots } = readAgentState(home.agentState);
    return targets.map((target) => ({
      target,
      found: target.find(machine),
      holds: Object.fromEntries(
        Object.entries(roots).flatMap(([root, { agents }]) => {
          const record = agents[target.name];
          return record === undefined ? [] : [[root, record.held.length]];
        }),
      ),
    }));
  }

  /**
   * Compares what agents hold with what is locked, and with what their own programs list; those that should hold it and
   * were given nothing are among them. Throws `E_STATE_CORRUPT`, `E_IO`.
   */
  async examine(): Promise<readonly Drift[]> {
    const { home, machine, signal, targets } = this.#options;
    const drifts: Drift[] = [];
    for (const root of new Set(["user", ...Object.keys(readAgentState(home.agentState).roots)])) {
      const record = this.#record(root);
      const isLeftAlone = record?.to === undefined && machine.environment["PLUGSMITH_AGENTS"] === "off";
      const chosen = isLeftAlone ? [] : this.#choose(root, undefined, record).agents;
      const plugins = this.#plugins(targetOfRoot(root), root);
      const names = [...Object.keys(record?.agents ?? {}), ...chosen.map(({ target }) => target.name)];
      for (const name of new Set(names)) {
        const held = record?.agents[name] ?? NOTHING;
        const target = targets.find((one) => one.name === name) ?? forgottenTarget(name);
        const found = target.find(machine);
        if (found === undefined) drifts.push(...lostAgent(held, target, root));
        else drifts.push(...(await drift(plugins, held, target, placeOf(home, root, target, found, machine), signal)));
      }
    }
    return drifts;
  }

  /**
   * Brings the agents of a root to what is locked again and tells their programs everything anew; `overwrite` are paths of
   * ours that somebody changed and that are written over. Throws what `carry` throws.
   */
  async mend(root: string, overwrite: ReadonlySet<string>): Promise<readonly AgentOutcome[]> {
    return await this.#options.exclusively(() => {
      const record = this.#record(root);
      const placements = Object.values(record?.agents ?? {}).flatMap((one) => one.placements);
      for (const made of placements) if (overwrite.has(made.path)) displace(made);
      return this.#carryHeld(targetOfRoot(root), root, undefined, true);
    });
  }

  async #carryHeld(
    target: Target,
    root: string,
    asked: readonly string[] | undefined,
    thorough = false,
  ): Promise<readonly AgentOutcome[]> {
    const { home } = this.#options;
    let outcomes: readonly AgentOutcome[] = [];
    let number: number;
    do {
      number = currentNumber(home);
      const record = this.#record(root);
      const choice = this.#choose(root, asked, record);
      outcomes = await this.#bringAll(target, root, choice, record, thorough);
      // Somebody committed meanwhile: what agents hold follows what runs.
    } while (currentNumber(home) !== number);
    return outcomes;
  }

  async #bringAll(
    target: Target,
    root: string,
    choice: Choice,
    record: RootRecord | undefined,
    thorough: boolean,
  ): Promise<readonly AgentOutcome[]> {
    const { home, machine, signal } = this.#options;
    const records: Record<string, AgentRecord> = { ...record?.agents };
    const to = choice.to ?? record?.to;
    const remember = (): void => {
      const agents = Object.fromEntries(Object.entries(records).filter(([, one]) => !holdsNothing(one)));
      writeRootRecord(home.agentState, root, { ...(to !== undefined && { to }), agents });
    };
    const plugins = this.#plugins(target, root);
    const outcomes = await Promise.all(
      [...choice.agents, ...this.#left(record, choice.agents)].map((one) =>
        carry(one.because === "left" ? [] : plugins, records[one.target.name] ?? NOTHING, {
          target: one.target,
          place: placeOf(home, root, one.target, one.found, machine),
          signal,
          thorough,
          remember: (next) => {
            records[one.target.name] = next;
            remember();
          },
        }),
      ),
    );
    if (to !== undefined && JSON.stringify(record?.to) !== JSON.stringify(to)) remember();
    return [
      ...outcomes,
      ...choice.missing.map(({ name, title }): AgentOutcome => ({
        name,
        title,
        outcome: "failed",
        plugins: 0,
        losses: [],
        remarks: [],
        error: {
          code: "E_AGENT_PROGRAM",
          message: `${title} is not on this machine any more`,
          hint: "install it, or name the agents anew with `plugin sync --to`",
        },
      })),
    ];
  }

  #plugins(target: Target, root: string): readonly AgentPlugin[] {
    const { home } = this.#options;
    const store = new Store(home);
    const plugins = readCurrent(home)?.roots[root]?.plugins ?? [];
    if (plugins.length === 0) return [];
    const { lock } = loadRoot(home, target).shared;
    return agentSet(
      plugins,
      (plugin) => {
        const { id, manifest: digest, entry } = plugin;
        const tree = runTree(plugin);
        const found = store.findManifest(digest);
        if (found === undefined || found === "damaged" || !store.has(tree)) return undefined;
        const { contributions } = startLocked(onPlatform(found.contributions, process.platform), {
          launchers: plugin.launchers ?? {},
          fileOf: (own, path) => (store.has(own) ? join(store.directory(own), path) : undefined),
        });
        const manifest = contributions === found.contributions ? found : { ...found, contributions };
        return { manifest, tree: store.directory(tree), entry: entry ?? lock.value.plugins[id]?.entry };
      },
      home,
    );
  }

  /** The agents that hold something of a root and are not chosen any more. */
  #left(record: RootRecord | undefined, chosen: readonly ChosenAgent[]): readonly ChosenAgent[] {
    const { targets, machine } = this.#options;
    return Object.keys(record?.agents ?? {}).flatMap((name): readonly ChosenAgent[] => {
      if (chosen.some(({ target }) => target.name === name)) return [];
      const target = targets.find((one) => one.name === name) ?? forgottenTarget(name);
      const found = target.find(machine);
      return found === undefined ? [] : [{ target, found, because: "left" }];
    });
  }

  #record(root: string): RootRecord | undefined {
    return readAgentState(this.#options.home.agentState).roots[root];
  }

  #choose(root: string, asked: readonly string[] | undefined, record: RootRecord | undefined): Choice {
    const { targets, machine } = this.#options;
    return chooseAgents(targets, asked, record, root, machine);
  }
}

function targetOfRoot(root: string): Target {
  return root === "user" ? { scope: "user" } : { scope: "project", directory: root };
}
