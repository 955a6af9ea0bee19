import {
  contextTexts,
  expansionGate,
  promptExpansion,
  promptGate,
  sessionStart,
  systemPrompt,
  systemPromptTexts,
  type ContentBlock,
  type ContextReason,
  type GateResult,
  type PluginContext,
  type Session,
  type TurnRequest,
} from "plugsmith/plugin-api";
import { reminders, textBlock, textOf } from "./blocks.ts";

/** What becomes of a prompt. */
export type PreparedPrompt =
  | { readonly kind: "send"; readonly content: readonly ContentBlock[] }
  /** Answered without the model. */
  | {
      readonly kind: "answer";
      readonly content: readonly ContentBlock[];
      readonly answer: string;
      /** Why it failed, when it did. */
      readonly failed: string | undefined;
    }
  | { readonly kind: "blocked"; readonly reason: string };

/** Turns what a person wrote into what the model gets: expansion, gates, and the texts of listeners behind it. */
export class Prompts {
  readonly #context: PluginContext;
  /** Texts of a session's start that wait for the first prompt that is let through. */
  readonly #starting = new WeakMap<Session, readonly string[]>();

  constructor(context: PluginContext) {
    this.#context = context;
  }

  /** Rejects when a listener fails. */
  async prepare({ session, prompt }: TurnRequest, signal: AbortSignal): Promise<PreparedPrompt> {
    const starting = await this.#start(session, signal);
    const written = typeof prompt === "string" ? [textBlock(prompt)] : prompt;
    const text = textOf(written);
    if (written.length === 0 || (text.trim() === "" && written.every(({ type }) => type === "text"))) {
      return { kind: "blocked", reason: "the prompt is empty" };
    }
    // What a model writes to an agent below is no command of a person, and no prompt of one.
    const personal = session.parent === undefined;
    const expansion =
      personal && text.startsWith("/")
        ? await this.#context.emit(promptExpansion, { session, text }, { signal })
        : undefined;
    const gates: GateResult[] = [];
    if (expansion !== undefined) {
      gates.push(await this.#context.emit(expansionGate, { session, text, expansion }, { signal }));
    }
    if (personal) gates.push(await this.#context.emit(promptGate, { session, prompt: text }, { signal }));
    const closed = gates.find(({ decision }) => decision === "deny" || decision === "ask");
    if (closed !== undefined) return { kind: "blocked", reason: closed.reason ?? "the prompt was refused" };
    if (expansion?.turn !== undefined) session.setTurn({ ...session.turn, ...expansion.turn });
    if (expansion?.answer !== undefined) {
      return { kind: "answer", content: written, answer: expansion.answer, failed: expansion.failed };
    }
    const texts = [
      ...starting,
      ...gates.flatMap(({ context = [] }) => context),
      ...(await this.texts(session, "prompt", signal)),
    ];
    this.#starting.set(session, []);
    return { kind: "send", content: [...(expansion?.content ?? written), ...reminders(texts)] };
  }

  /** Collects the system prompt of a session that has none yet; it stays as it is from then on. */
  async system(session: Session, signal: AbortSignal): Promise<void> {
    if (session.system !== undefined) return;
    const { parts } = await this.#context.emit(systemPrompt, { session, parts: [] }, { signal });
    session.setSystem(systemPromptTexts(parts));
  }

  /** What listeners append to the newest message. */
  async texts(session: Session, reason: ContextReason, signal: AbortSignal): Promise<readonly string[]> {
    return (await this.#context.emit(contextTexts, { session, reason, texts: [] }, { signal })).texts;
  }

  /** An agent's start is told by whoever runs it. */
  async #start(session: Session, signal: AbortSignal): Promise<readonly string[]> {
    const known = this.#starting.get(session);
    if (known !== undefined) return known;
    const source = session.messages.length === 0 ? "startup" : "resume";
    const texts: string[] = [];
    if (session.parent === undefined) {
      texts.push(...(await this.#context.emit(sessionStart, { session, source, texts: [] }, { signal })).texts);
    }
    texts.push(...(await this.texts(session, "session-start", signal)));
    this.#starting.set(session, texts);
    return texts;
  }
}
