import {
  agentStart,
  promptTextsService,
  sessionsService,
  toolPoint,
  turnsService,
  workspaceService,
  type AgentEvent,
  type ContentBlock,
  type OpenSession,
  type PermissionMode,
  type PluginContext,
  type Session,
  type Sessions,
  type SpawnRequest,
  type TurnEvent,
  type TurnResult,
} from "plugsmith/plugin-api";
import type { Catalog } from "./catalog.ts";
import type { Definition } from "./definition.ts";
import { memoryOf, type Memory } from "./memory.ts";
import { preloadedSkills } from "./preloaded-skills.ts";
import { delegates, deniedRules, MAX_DEPTH, toolsFor } from "./tool-set.ts";
import { Worktrees, type Worktree } from "./worktree.ts";

/** How much a mode lets through without a question; an agent never gets more than its parent. */
const WIDTHS: Readonly<Record<PermissionMode, number>> = {
  plan: 0,
  dontAsk: 0,
  default: 1,
  acceptEdits: 2,
  bypassPermissions: 3,
};

/** What an agent came to. */
export interface AgentAnswer {
  readonly text: string;
  readonly isError: boolean;
}

/** An agent that is ready to work, in a session of its own. */
export interface OpenedAgent {
  readonly definition: Definition;
  readonly session: Session;
  readonly memory: Memory | undefined;
  readonly worktree: Worktree | undefined;
}

/** Runs agents below sessions. */
export class Runner {
  readonly #context: PluginContext;
  readonly #catalog: () => Catalog;
  readonly #worktrees: Worktrees;
  /** What the sessions below run, by session id. */
  readonly #running = new Map<string, OpenedAgent>();

  constructor(context: PluginContext, catalog: () => Catalog) {
    this.#context = context;
    this.#catalog = catalog;
    this.#worktrees = new Worktrees(context);
  }

  /** What a session runs under: the agent it was spawned as, or the one chosen for the main conversation. */
  definitionOf(session: Session): Definition | undefined {
    const { agent } = session.options;
    return this.#running.get(session.id)?.definition ?? (agent === undefined ? undefined : this.#catalog().get(agent));
  }

  /** What the system prompt of a session says of its agent's memory. */
  memoryTextOf({ id }: Session): string | undefined {
    return this.#running.get(id)?.memory?.text;
  }

  /** Throws for an agent that is not there. */
  get(name: string): Definition {
    return this.#catalog().get(name);
  }

  /** The system prompt of an agent. */
  async promptOf(definition: Definition, session: Session, signal: AbortSignal): Promise<string> {
    const { prompt } = definition;
    if ("text" in prompt) return prompt.text;
    const texts = await this.#context.use(promptTextsService);
    const { plugin, file } = prompt;
    const { text } = await texts.render({ plugin, document: { file }, session, callId: `agent-${session.id}`, signal });
    return text.trim();
  }

  /** Throws as `open`. */
  async run(request: SpawnRequest): Promise<AgentAnswer> {
    return this.work(await this.open(request, false), request);
  }

  /** Throws for an unknown agent, one without tools, one that would lie too deep, and where no worktree can be made; `work` closes it. */
  async open(request: SpawnRequest, inBackground: boolean): Promise<OpenedAgent> {
    const { parent, signal } = request;
    if (parent.agentPath.length >= MAX_DEPTH) {
      throw new Error(`agents may lie ${String(MAX_DEPTH)} deep at most; do the task in this one`);
    }
    const definition = this.#catalog().get(request.agent);
    this.#requireDelegation(parent, definition);
    const memory = await this.#memory(definition);
    const offered = (await this.#context.read(toolPoint)).all();
    const spawning = { parent, narrowed: request.tools, inBackground, memory: memory?.pattern };
    const tools = toolsFor(definition, offered, spawning);
    const options = await this.#options(definition, request, memory);
    const sessions = await this.#context.use(sessionsService);
    const isolated = request.isolation ?? definition.isolation;
    const worktree = isolated === undefined ? undefined : await this.#worktrees.open(parent, definition.name, signal);
    const session = await this.#session(sessions, parent, worktree, { agent: definition.name, tools, options });
    const opened = { definition, session, memory, worktree };
    this.#running.set(session.id, opened);
    return opened;
  }

  /** Gives an agent its task, and closes it whatever comes of it. */
  async work({ definition, session, worktree }: OpenedAgent, request: SpawnRequest): Promise<AgentAnswer> {
    const { signal, onEvent } = request;
    let answer: AgentAnswer | undefined;
    let left: string | undefined;
    try {
      const prompt = await this.#prompt(definition, session, request);
      const maxTurns = request.maxTurns ?? definition.maxTurns;
      const turns = await this.#context.use(turnsService);
      const turn = turns.run({ session, prompt, signal, ...(maxTurns !== undefined && { maxTurns }) });
      answer = answerOf(await followed(turn, session, onEvent), definition, maxTurns);
    } finally {
      this.#running.delete(session.id);
      try {
        await session.close();
      } finally {
        left = await worktree?.end();
        if (answer === undefined && left !== undefined) this.#context.log.warn(`agent \`${definition.name}\`: ${left}`);
      }
    }
    return left === undefined ? answer : { ...answer, text: `${answer.text}\n\n(${left})` };
  }

  async #session(
    sessions: Sessions,
    parent: Session,
    worktree: Worktree | undefined,
    more: Pick<OpenSession, "agent" | "tools" | "options">,
  ): Promise<Session> {
    const directory = worktree?.directory ?? parent.directory;
    const isIsolated = worktree !== undefined || parent.isIsolated === true;
    try {
      return await sessions.open({ directory, isIsolated, parent, ...more });
    } catch (error) {
      await worktree?.end();
      throw error;
    }
  }

  async #memory(definition: Definition): Promise<Memory | undefined> {
    if (definition.memory === undefined) return undefined;
    const workspace = await this.#context.use(workspaceService);
    return memoryOf(definition, workspace, (message) => this.#context.log.warn(message));
  }

  /** An agent that was chosen for the main conversation may name those that it hands work to (formats.md §5.2). */
  #requireDelegation(parent: Session, { name }: Definition): void {
    const chosen =
      parent.options.agent === undefined || parent.parent !== undefined ? undefined : this.definitionOf(parent);
    if (chosen === undefined || delegates(chosen, name)) return;
    throw new Error(`agent \`${chosen.name}\` hands no work to \`${name}\`: its \`tools\` name others`);
  }

  /** Model: environment over the call over the definition over the parent (formats.md §5.2). */
  async #options(
    definition: Definition,
    { parent, model }: SpawnRequest,
    memory: Memory | undefined,
  ): Promise<Partial<Session["options"]>> {
    const { options, turn } = parent;
    const environment = (await this.#context.find(workspaceService))?.environment ?? {};
    const chosen = environment["CLAUDE_CODE_SUBAGENT_MODEL"] ?? model ?? definition.model;
    const remembering = memory?.pattern === undefined ? [] : [`Read(${memory.pattern})`, `Edit(${memory.pattern})`];
    return {
      model: chosen === undefined || chosen === "inherit" ? (turn.model ?? options.model) : chosen,
      effort: definition.effort ?? turn.effort ?? options.effort,
      permissionMode: this.#mode(definition, options.permissionMode),
      allow: [...options.allow, ...turn.allow, ...remembering],
      deny: [...options.deny, ...turn.deny, ...deniedRules(definition)],
      omitInstructions: definition.omitInstructions === true || options.omitInstructions === true,
    };
  }

  #mode({ name, permissionMode }: Definition, parents: PermissionMode): PermissionMode {
    if (permissionMode === undefined || WIDTHS[permissionMode] <= WIDTHS[parents]) return permissionMode ?? parents;
    this.#context.log.warn(
      `agent \`${name}\` asks for the permission mode \`${permissionMode}\`, which is wider than \`${parents}\`; it runs in \`${parents}\``,
    );
    return parents;
  }

  /** Texts that listeners add, then skills, then the task. */
  async #prompt(definition: Definition, session: Session, request: SpawnRequest): Promise<readonly ContentBlock[]> {
    const { signal, prompt } = request;
    const started = await this.#context.emit(agentStart, { session, agent: definition.name, texts: [] }, { signal });
    const skills = await preloadedSkills(this.#context, definition, session, signal);
    const task = typeof prompt === "string" ? [{ type: "text", text: prompt } as const] : prompt;
    return [...[...started.texts, ...skills].map((text) => ({ type: "text", text }) as const), ...task];
  }
}

async function followed(
  turn: AsyncGenerator<TurnEvent, TurnResult>,
  { id: agentId, agentPath }: Session,
  onEvent: ((event: AgentEvent) => void) | undefined,
): Promise<TurnResult> {
  for (;;) {
    const { done, value } = await turn.next();
    if (done === true) return value;
    onEvent?.(value.type === "agent" ? value : { type: "agent", agentId, agentPath, event: value });
  }
}

function answerOf(
  { reason, text, message }: TurnResult,
  { name }: Definition,
  maxTurns: number | undefined,
): AgentAnswer {
  const said = text === "" ? `agent \`${name}\` ended without a word` : text;
  switch (reason) {
    case "done":
      return { text: said, isError: false };
    case "max-turns":
      return { text: `${said}\n\n(It was stopped after ${String(maxTurns ?? 0)} turns, its limit.)`, isError: false };
    default:
      return { text: `agent \`${name}\` ${reason}: ${message ?? said}`, isError: true };
  }
}
