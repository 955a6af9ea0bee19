import { AsyncLocalStorage } from "node:async_hooks";
import type { Log, Session } from "plugsmith/plugin-api";
import { messageOf, notification } from "plugsmith/plugin-api";
import type { EnvironmentFiles } from "./environment/environment-files.ts";
import { runCommand } from "./handlers/command.ts";
import { postHook } from "./handlers/http.ts";
import { callMcpTool } from "./handlers/mcp-tool.ts";
import { askAgent, askModel } from "./handlers/model.ts";
import type { HookRun, Surroundings } from "./handlers/surroundings.ts";
import { hookLabel, type Hook, type HookInput } from "./hook.ts";
import { readOutcome, specificText, type HandlerResult, type HookOutcome } from "./hook-output.ts";
import type { HookSet } from "./hook-set.ts";
import { matcherSelects } from "./matcher.ts";
import { timeoutMsOf } from "./timeouts.ts";

/** One happening that hooks are run for. */
export interface Occasion {
  readonly event: string;
  readonly session: Session | undefined;
  readonly input: HookInput;
  /** What matchers select by: the name and its older forms; absent where the event has none. */
  readonly names?: readonly string[] | undefined;
  /** Says whether the `if` rule of a hook holds; absent on events that know none, where such a hook never runs. */
  readonly holds?: ((rule: string) => Promise<boolean>) | undefined;
  readonly signal: AbortSignal;
}

/** Events whose hooks cannot end a turn: `continue` in their output says nothing. */
const GOES_ON: ReadonlySet<string> = new Set([
  "ConfigChange",
  "CwdChanged",
  "DirectoryAdded",
  "Elicitation",
  "ElicitationResult",
  "FileChanged",
  "PostModelSwitch",
  "PreModelSwitch",
  "Setup",
]);
/** Events whose `systemMessage` is not for the person. */
const HUSHED: ReadonlySet<string> = new Set(["ConfigChange", "DirectoryAdded", "Elicitation", "ElicitationResult"]);

/** What a hook came to. */
export interface HookReport {
  readonly hook: Hook;
  readonly outcome: HookOutcome;
}

/** Finds the hooks of an occasion and runs them in parallel. */
export class HookRunner {
  readonly #set: () => Promise<HookSet>;
  readonly #surroundings: () => Promise<Surroundings>;
  readonly #log: Log;
  readonly #files: EnvironmentFiles;
  /** Hooks that run once, and have, by session. */
  readonly #spent = new WeakMap<Session, Set<string>>();
  /** Texts of hooks that nobody waited for, by session, until the model is next told something. */
  readonly #late = new WeakMap<Session, string[]>();
  readonly #stopped = new WeakMap<Session, string>();
  /** Calls of tools that hooks have under way. */
  readonly #ownCalls = new Set<string>();
  /** Whether the code that runs is part of an agent that a hook asks. */
  readonly #isInAgent = new AsyncLocalStorage<true>();

  constructor(
    set: () => Promise<HookSet>,
    surroundings: () => Promise<Surroundings>,
    files: EnvironmentFiles,
    log: Log,
  ) {
    this.#set = set;
    this.#surroundings = surroundings;
    this.#files = files;
    this.#log = log;
  }

  /** Runs the hooks of an occasion. None of them can make it fail; what went wrong is told to the person. */
  async run(occasion: Occasion): Promise<readonly HookReport[]> {
    // What a hook calls itself is no occasion for hooks: it would call itself in a circle.
    if (this.#ownCalls.has(String(occasion.input["tool_use_id"]))) return [];
    const hooks = (await this.#set()).of(occasion.event, occasion.session);
    if (hooks.length === 0) return [];
    const chosen: Hook[] = [];
    for (const hook of hooks) if (await this.#isMeant(hook, occasion)) chosen.push(hook);
    if (chosen.length === 0) return [];
    const surroundings = await this.#surroundings();
    const json = JSON.stringify(occasion.input);
    const runs = chosen.map((hook) => ({ hook, file: this.#files.create(hook, occasion.event, occasion.session) }));
    const reports = await Promise.all(
      runs.map(({ hook, file }) => this.#report(hook, occasion, json, surroundings, file?.path)),
    );
    // One after the other, in the order of the hooks: each may build on what those before it exported.
    for (const { hook, file } of runs) {
      const problem = file === undefined ? undefined : await this.#files.take(file, surroundings, occasion.signal);
      if (problem !== undefined) await this.#tell(hook, problem, occasion, surroundings);
    }
    return reports.filter((report) => report !== undefined);
  }

  /** Keeps texts until the model is next told something. */
  keepLate(session: Session, texts: readonly string[]): void {
    if (texts.length > 0) this.#late.set(session, [...(this.#late.get(session) ?? []), ...texts]);
  }

  /** Texts of hooks that ended meanwhile; each is told once. */
  takeLate(session: Session): readonly string[] {
    const texts = this.#late.get(session) ?? [];
    this.#late.delete(session);
    return texts;
  }

  /** Remembers that a hook wants everything to stop; the turn ends after the step under way. */
  stop(session: Session | undefined, reason: string): void {
    if (session !== undefined) this.#stopped.set(session, reason);
  }

  /** Why everything shall stop, told once. */
  takeStop(session: Session): string | undefined {
    const reason = this.#stopped.get(session);
    this.#stopped.delete(session);
    return reason;
  }

  async #isMeant({ contribution, skill, plugin }: Hook, occasion: Occasion): Promise<boolean> {
    const { event, names, holds, session } = occasion;
    // The agent that a hook asks calls tools itself: their hooks ask no agents again.
    if (contribution.handler.type === "agent" && this.#isInAgent.getStore() === true) return false;
    if (names !== undefined && !matcherSelects(contribution.matcher, event, names)) return false;
    if (contribution.if !== undefined && (holds === undefined || !(await holds(contribution.if)))) return false;
    if (contribution.once !== true || skill === undefined || session === undefined) return true;
    const spent = this.#spent.get(session) ?? new Set<string>();
    const key = `${plugin.id} ${skill} ${JSON.stringify(contribution.handler)}`;
    if (spent.has(key)) return false;
    this.#spent.set(session, spent.add(key));
    return true;
  }

  /** Nothing for a hook that nobody waits for. */
  async #report(
    hook: Hook,
    occasion: Occasion,
    json: string,
    surroundings: Surroundings,
    environmentFile: string | undefined,
  ): Promise<HookReport | undefined> {
    const { handler } = hook.contribution;
    if (handler.type !== "command" || (handler.async !== true && handler.asyncRewake !== true)) {
      return { hook, outcome: await this.#outcome(hook, occasion, json, surroundings, environmentFile) };
    }
    // It may outlive the turn, whose signal ends with it, but not the session.
    const { session } = occasion;
    const signal = session?.signal.aborted === false ? session.signal : occasion.signal;
    this.#outcome(hook, { ...occasion, signal }, json, surroundings).then(
      (outcome) => {
        const text = specificText(outcome, "additionalContext") ?? outcome.blocked;
        if (text !== undefined && session !== undefined) this.keepLate(session, [text]);
      },
      (error: unknown) => this.#log.debug(`${hookLabel(hook)}: ${String(error)}`),
    );
    return undefined;
  }

  async #outcome(
    hook: Hook,
    occasion: Occasion,
    json: string,
    surroundings: Surroundings,
    environmentFile?: string,
  ): Promise<HookOutcome> {
    const { event } = occasion;
    const run: HookRun = {
      json,
      environmentFile,
      session: occasion.session,
      signal: occasion.signal,
      timeoutMs: timeoutMsOf(hook.contribution),
      ownCalls: this.#ownCalls,
    };
    const handle = (): Promise<HandlerResult> => handled(hook, run, surroundings);
    const asksAgent = hook.contribution.handler.type === "agent";
    const outcome = readOutcome(await (asksAgent ? this.#isInAgent.run(true, handle) : handle()), occasion.event);
    const { systemMessage } = outcome.output;
    const isMissed = hook.contribution.required === true && outcome.problem !== undefined;
    if (outcome.problem !== undefined) await this.#tell(hook, outcome.problem, occasion, surroundings);
    if (systemMessage !== undefined && !HUSHED.has(event))
      await this.#tell(hook, systemMessage, occasion, surroundings);
    if (outcome.output.continue === false && !GOES_ON.has(event))
      this.stop(occasion.session, outcome.output.stopReason ?? "a hook stopped it");
    return isMissed ? { ...outcome, blocked: outcome.blocked ?? missed(hook, outcome.problem) } : outcome;
  }

  async #tell(hook: Hook, text: string, { session }: Occasion, { emit }: Surroundings): Promise<void> {
    const message = `${hookLabel(hook)}: ${text}`;
    this.#log.warn(message);
    await emit(notification, { session, kind: "hook_message", message });
  }
}

/** What a hook that is required is taken to say when it says nothing that counts (attacks.md HK05). */
function missed(hook: Hook, problem: string | undefined): string {
  return `${hookLabel(hook)} is required and gave no answer: ${problem ?? "it failed"}`;
}

/** Whatever a handler throws is its own failure, but for the end of the occasion itself. */
async function handled(hook: Hook, run: HookRun, surroundings: Surroundings): Promise<HandlerResult> {
  const { handler } = hook.contribution;
  try {
    switch (handler.type) {
      case "command":
        return await runCommand(hook, handler, run, surroundings);
      case "http":
        return await postHook(handler, run, surroundings);
      case "mcp_tool":
        return await callMcpTool(hook, handler, run, surroundings);
      case "prompt":
        return await askModel(handler, run, surroundings);
      case "agent":
        return await askAgent(handler, run, surroundings);
    }
  } catch (error) {
    run.signal.throwIfAborted();
    return { kind: "failed", message: messageOf(error) };
  }
}
