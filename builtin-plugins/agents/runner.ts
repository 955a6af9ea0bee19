import {
  agentStart,
  promptTextsService,
  sessionsService,
  skillPoint,
  toolPoint,
  turnsService,
  workspaceService,
  type ContentBlock,
  type PermissionMode,
  type PluginContext,
  type Session,
  type SpawnRequest,
  type TurnEvent,
  type TurnResult,
} from "plugsmith/plugin-api";
import type { Catalog } from "./catalog.ts";
import type { Definition } from "./definition.ts";
import { deniedRules, MAX_DEPTH, toolsFor } from "./tool-set.ts";

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

/** Runs agents below sessions. */
export class Runner {
  readonly #context: PluginContext;
  readonly #catalog: () => Catalog;
  /** What the sessions below run, by session id. */
  readonly #running = new Map<string, Definition>();

  constructor(context: PluginContext, catalog: () => Catalog) {
    this.#context = context;
    this.#catalog = catalog;
  }

  /** What a session runs under: the agent it was spawned as, or the one chosen for the main conversation. */
  definitionOf(session: Session): Definition | undefined {
    const { agent } = session.options;
    return this.#running.get(session.id) ?? (agent === undefined ? undefined : this.#catalog().get(agent));
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

  /** Throws for an unknown agent, one without tools, or one that would lie too deep. */
  async run(request: SpawnRequest, onEvent: (session: Session, event: TurnEvent) => void): Promise<AgentAnswer> {
    const { parent, signal } = request;
    if (parent.agentPath.length >= MAX_DEPTH) {
      throw new Error(`agents may lie ${String(MAX_DEPTH)} deep at most; do the task in this one`);
    }
    const definition = this.#catalog().get(request.agent);
    const descriptors = (await this.#context.read(toolPoint)).all().map(({ descriptor }) => descriptor);
    const tools = toolsFor(definition, parent, descriptors, request.tools);
    const session = await (
      await this.#context.use(sessionsService)
    ).open({
      directory: parent.directory,
      parent,
      agent: definition.name,
      tools,
      options: await this.#options(definition, request),
    });
    this.#running.set(session.id, definition);
    try {
      const prompt = await this.#prompt(definition, session, request);
      const maxTurns = request.maxTurns ?? definition.maxTurns;
      const turns = await this.#context.use(turnsService);
      const turn = turns.run({ session, prompt, signal, ...(maxTurns !== undefined && { maxTurns }) });
      return answerOf(await followed(turn, (event) => onEvent(session, event)), definition, maxTurns);
    } finally {
      this.#running.delete(session.id);
      await session.close();
    }
  }

  /** Model: environment over the call over the definition over the parent (formats.md §5.2). */
  async #options(definition: Definition, { parent, model }: SpawnRequest): Promise<Partial<Session["options"]>> {
    const { options, turn } = parent;
    const environment = (await this.#context.find(workspaceService))?.environment ?? {};
    const chosen = environment["CLAUDE_CODE_SUBAGENT_MODEL"] ?? model ?? definition.model;
    return {
      model: chosen === undefined || chosen === "inherit" ? (turn.model ?? options.model) : chosen,
      effort: definition.effort ?? turn.effort ?? options.effort,
      permissionMode: this.#mode(definition, options.permissionMode),
      allow: [...options.allow, ...turn.allow],
      deny: [...options.deny, ...turn.deny, ...deniedRules(definition)],
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
    const skills = await this.#skills(definition, session, signal);
    const task = typeof prompt === "string" ? [{ type: "text", text: prompt } as const] : prompt;
    return [...[...started.texts, ...skills].map((text) => ({ type: "text", text }) as const), ...task];
  }

  async #skills(definition: Definition, session: Session, signal: AbortSignal): Promise<readonly string[]> {
    if (definition.skills.length === 0) return [];
    const reader = await this.#context.read(skillPoint);
    const texts = await this.#context.use(promptTextsService);
    const loaded: string[] = [];
    for (const name of definition.skills) {
      const found = reader.all().filter(({ plugin, value }) => {
        const own = [value.name, value.fields["name"]];
        return (
          value.modelInvocable && (own.includes(name) || own.some((each) => `${plugin.name}:${String(each)}` === name))
        );
      });
      const [skill, ...others] = found;
      if (skill === undefined || others.length > 0) {
        const why = skill === undefined ? "is not there for models" : "stands for several skills";
        this.#context.log.warn(`agent \`${definition.name}\` starts without the skill \`${name}\`, which ${why}`);
        continue;
      }
      const { plugin, value } = skill;
      const { text } = await texts.render({
        plugin,
        document: { file: value.file },
        session,
        callId: `skill-${name}-${session.id}`,
        signal,
        args: "",
        skillPath: value.path,
        shell: "bash",
      });
      loaded.push(`Skill \`${name}\`; its files are in \`${plugin.directory}/${value.path}\`.\n\n${text}`);
    }
    return loaded;
  }
}

async function followed(
  turn: AsyncGenerator<TurnEvent, TurnResult>,
  onEvent: (event: TurnEvent) => void,
): Promise<TurnResult> {
  for (;;) {
    const next = await turn.next();
    if (next.done === true) return next.value;
    onEvent(next.value);
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
