import { createHash } from "node:crypto";
import {
  agentsService,
  promptTextsService,
  type AgentEvent,
  type ContentBlock,
  type PluginContext,
  type Session,
  type TurnState,
} from "plugsmith/plugin-api";
import type { Skill } from "./skill.ts";
import type { UsageCounts } from "./usage.ts";

/** Records of a session: texts that the model has, and skills whose hooks are live (read by whoever runs hooks). */
const INVOKED = "plugsmith/skill-invoked";
const HOOKS = "plugsmith/skill-hooks";

/** How a skill is invoked. */
export interface InvocationRequest {
  readonly session: Session;
  readonly args: string;
  readonly callId: string;
  readonly signal: AbortSignal;
  /** Hears what the agent of a fork does. */
  readonly report?: ((event: AgentEvent) => void) | undefined;
}

/** What came of it. */
export interface Invocation {
  readonly content: readonly ContentBlock[];
  /** What holds until the next prompt. */
  readonly turn: Partial<TurnState>;
  /** The answer of an agent that ran it, instead of a text for this conversation. */
  readonly answer?: { readonly text: string; readonly isError: boolean } | undefined;
}

/** Invokes skills: their text is read at that moment (formats.md §4.5, §4.6). */
export class Invoker {
  readonly #context: PluginContext;
  readonly #usage: UsageCounts;

  constructor(context: PluginContext, usage: UsageCounts) {
    this.#context = context;
    this.#usage = usage;
  }

  /** Throws when its text cannot be made ready, e.g. because a command in it is not allowed. */
  async invoke(skill: Skill, request: InvocationRequest): Promise<Invocation> {
    const { session, args, callId, signal } = request;
    const { name, plugin, contribution } = skill;
    const { file, path, fields } = contribution;
    const texts = await this.#context.use(promptTextsService);
    const rendered = await texts.render({
      plugin,
      document: { file },
      session,
      callId,
      signal,
      args,
      argumentNames: textsIn(fields["arguments"]),
      skillPath: path,
      allowedTools: textsIn(fields["allowedTools"]),
      shell: fields["shell"] === "powershell" ? "powershell" : "bash",
    });
    this.#count(name);
    if (fields["context"] === "fork") return this.#fork(skill, rendered.text, request);
    if (rendered.trusted && (contribution.hooks?.length ?? 0) > 0) {
      const found = skill.folder === undefined ? {} : { folder: skill.folder };
      session.note(HOOKS, { plugin: plugin.id, skill: contribution.name, ...found });
    }
    const header = `Skill \`${name}\`; its files are in \`${plugin.directory}${path === "" ? "" : `/${path}`}\`.`;
    const known = this.#isKnown(session, skill, rendered.text);
    const text = known
      ? `Skill \`${name}\` was invoked again; its text above has not changed.`
      : `${header}\n\n${rendered.text}`;
    const model = textOf(fields["model"]);
    return {
      content: [{ type: "text", text }, ...rendered.attachments],
      turn: {
        allow: rendered.allowedTools,
        deny: textsIn(fields["disallowedTools"]),
        ...(model !== undefined && model !== "inherit" && { model }),
        ...(textOf(fields["effort"]) !== undefined && { effort: textOf(fields["effort"]) }),
      },
    };
  }

  async #fork(
    skill: Skill,
    prompt: string,
    { session: parent, signal, report }: InvocationRequest,
  ): Promise<Invocation> {
    const agents = await this.#context.use(agentsService);
    const { fields } = skill.contribution;
    const model = textOf(fields["model"]);
    const answer = await agents.run({
      parent,
      agent: textOf(fields["agent"]) ?? "general-purpose",
      prompt,
      ...(model !== undefined && { model }),
      signal,
      onEvent: report,
    });
    return { content: [], turn: {}, answer };
  }

  /** Whether this conversation has the same text already; records it otherwise. */
  #isKnown(session: Session, { id }: Skill, text: string): boolean {
    const record = `${id} ${createHash("sha256").update(text).digest("base64url")}`;
    if (session.notes(INVOKED).includes(record)) return true;
    session.note(INVOKED, record);
    return false;
  }

  #count(name: string): void {
    try {
      this.#usage.count(name);
    } catch (error) {
      this.#context.log.warn(`the use of \`${name}\` was not counted: ${String(error)}`);
    }
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
