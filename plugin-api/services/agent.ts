import type { ModelSwitch } from "../events/model.ts";
import type { ContentBlock, Message } from "../message.ts";
import { defineService, type Service } from "../service.ts";
import type { Session, Sessions } from "../session.ts";
import type { AgentEvent, Turns } from "../turn.ts";

/** Opens sessions; provided by the built-in `transcript`. */
export const sessionsService: Service<Sessions> = defineService("plugsmith/sessions");

/** Runs turns; provided by the built-in `turn-loop`. */
export const turnsService: Service<Turns> = defineService("plugsmith/turns");

/** One short question to a model outside any conversation, e.g. for a hook of type `prompt`. */
export interface ModelQuestion {
  readonly model?: string | undefined;
  readonly system?: string | undefined;
  readonly messages: readonly Message[];
  readonly maxTokens?: number | undefined;
  readonly session?: Session | undefined;
  readonly signal: AbortSignal;
}

/** Answers it; provided by the built-in `turn-loop`. */
export interface Models {
  ask(question: ModelQuestion): Promise<string>;
}

/** Asks a model without tools. */
export const modelsService: Service<Models> = defineService("plugsmith/models");

/** A model that a session shall have from now on. */
export interface ModelSwitchRequest {
  readonly session: Session;
  /** A short name or an id. */
  readonly model: string;
  readonly source: ModelSwitch["source"];
  readonly signal?: AbortSignal | undefined;
}

/** Changes the model of sessions; provided by the built-in `turn-loop`. */
export interface ModelSwitches {
  /** Resolves with the id of the model. Throws `ModelError` for a model that cannot answer, and for a switch that was refused. */
  switchModel(request: ModelSwitchRequest): Promise<string>;
}

/** Changes the model of a session, if the gate lets it. */
export const modelSwitchService: Service<ModelSwitches> = defineService("plugsmith/model-switches");

/** A task for an agent below a session. */
export interface SpawnRequest {
  readonly parent: Session;
  /** Name of an agent, e.g. `general-purpose` or `plugin:agent`. */
  readonly agent: string;
  readonly prompt: string | readonly ContentBlock[];
  readonly model?: string | undefined;
  readonly maxTurns?: number | undefined;
  /** Narrows the agent's own tools. */
  readonly tools?: readonly string[] | undefined;
  /** `worktree`: in a copy of the project, whatever its definition says. */
  readonly isolation?: "worktree" | undefined;
  readonly signal: AbortSignal;
  /** Hears what it does, and the agents below it. */
  readonly onEvent?: ((event: AgentEvent) => void) | undefined;
}

/** What is known of an agent before it runs. */
export interface AgentInfo {
  readonly name: string;
  readonly description: string;
  /** How its author wants it shown. */
  readonly color?: string | undefined;
}

/** Runs agents; provided by the built-in `agents`. */
export interface Agents {
  /** The names that a parent may spawn, with descriptions. */
  list(): readonly AgentInfo[];
  /** Resolves with the agent's last text. Throws `E_AGENT` for an unknown name or an empty set of tools. */
  run(request: SpawnRequest): Promise<{ readonly text: string; readonly isError: boolean }>;
}

/** Spawns agents. */
export const agentsService: Service<Agents> = defineService("plugsmith/agents");
