import {
  firstEvent,
  gateEvent,
  observeEvent,
  transformEvent,
  type FirstEvent,
  type GateEvent,
  type ObserveEvent,
  type TransformEvent,
} from "../event.ts";
import type { ContentBlock } from "../message.ts";
import type { Session, TurnState } from "../session.ts";

/** Parts of the system prompt, asked once when a session begins; lower `order` comes first, equal ones by plugin id. */
export interface SystemPromptParts {
  readonly session: Session;
  readonly parts: readonly {
    readonly order: number;
    readonly text: string;
    /** `role`: who the model is; `coding`: how it works on code. */
    readonly topic?: PromptTopic | undefined;
    /** The parts of others about these topics are left out, whoever adds them and when, e.g. for an agent or an output style. */
    readonly replaces?: readonly PromptTopic[] | undefined;
  }[];
}

/** What a part of the system prompt can be about. */
export type PromptTopic = "role" | "coding";

/** The texts of collected parts: in their order, without blank ones and those that another part replaces. */
export function systemPromptTexts(parts: SystemPromptParts["parts"]): readonly string[] {
  return parts
    .filter(
      (part) =>
        !parts.some((other) => other !== part && other.replaces?.some((topic) => topic === part.topic) === true),
    )
    .toSorted((left, right) => left.order - right.order)
    .map(({ text }) => text)
    .filter((text) => text.trim() !== "");
}

/** What happened just before text for the model is collected. */
export type ContextReason = "session-start" | "prompt" | "tool-results" | "background";

/** Texts for the model that are appended after the newest message; what was sent before never changes. */
export interface ContextTexts {
  readonly session: Session;
  readonly reason: ContextReason;
  readonly texts: readonly string[];
}

/** What a text of the person stands for. */
export interface Expansion {
  readonly content: readonly ContentBlock[];
  readonly turn?: Partial<TurnState> | undefined;
  /** Of the command, skill or prompt. */
  readonly name: string;
  readonly kind: "command" | "skill" | "mcp-prompt";
  readonly args: string;
  /** The answer to the person, without a model call, e.g. of a skill that ran in a fork. */
  readonly answer?: string | undefined;
  /** Why the work behind `answer` failed; the turn then ends as `failed`. */
  readonly failed?: string | undefined;
}

/** Collects the system prompt. */
export const systemPrompt: TransformEvent<SystemPromptParts> = transformEvent("plugsmith/system-prompt");

/** Collects texts to append. */
export const contextTexts: TransformEvent<ContextTexts> = transformEvent("plugsmith/context-texts");

/** Expands a prompt that begins with `/`; unanswered, the prompt is sent as it stands. */
export const promptExpansion: FirstEvent<{ readonly session: Session; readonly text: string }, Expansion> = firstEvent(
  "plugsmith/prompt-expansion",
  { budgetMs: 180_000 },
);

/** May this expansion be used? */
export const expansionGate: GateEvent<{
  readonly session: Session;
  readonly text: string;
  readonly expansion: Expansion;
}> = gateEvent("plugsmith/expansion-gate", { matchOn: ({ expansion }) => expansion.name, budgetMs: 600_000 });

/** May this prompt be sent? `context` of the answers is appended to it. */
export const promptGate: GateEvent<{ readonly session: Session; readonly prompt: string }> = gateEvent(
  "plugsmith/prompt-gate",
  { budgetMs: 60_000 },
);

/** A session begins, or goes on after `--resume`; texts that listeners add are sent with the first prompt. */
export const sessionStart: TransformEvent<{
  readonly session: Session;
  readonly source: "startup" | "resume" | "clear" | "compact" | "fork";
  readonly texts: readonly string[];
}> = transformEvent("plugsmith/session-start", { matchOn: ({ source }) => source, budgetMs: 600_000 });

/** A session ends. */
export const sessionEnd: ObserveEvent<{ readonly session: Session; readonly reason: string }> = observeEvent(
  "plugsmith/session-end",
  { matchOn: ({ reason }) => reason, budgetMs: 5_000 },
);

/** May the turn end? `deny` lets the model go on with the reason as the next message. */
export const stopGate: GateEvent<{
  readonly session: Session;
  readonly lastText: string;
  /** Whether the turn goes on only because of an earlier denial. */
  readonly active: boolean;
}> = gateEvent("plugsmith/stop-gate", { budgetMs: 600_000 });

/** A turn failed for good. */
export const turnFailed: ObserveEvent<{
  readonly session: Session;
  readonly failure: string;
  readonly message: string;
}> = observeEvent("plugsmith/turn-failed", { matchOn: ({ failure }) => failure });

/** An agent begins; texts that listeners add are sent with its prompt. */
export const agentStart: TransformEvent<{
  readonly session: Session;
  readonly agent: string;
  readonly texts: readonly string[];
}> = transformEvent("plugsmith/agent-start", { matchOn: ({ agent }) => agent, budgetMs: 600_000 });

/** A copy of the project is wanted for an agent; unanswered, it is made with git. A listener that fails refuses it. */
export const worktreeWanted: FirstEvent<
  { readonly session: Session; /** Fit for a folder and a branch. */ readonly name: string },
  { /** Absolute. */ readonly directory: string }
> = firstEvent("plugsmith/worktree-wanted", { budgetMs: 600_000 });

/** A copy of the project has served its purpose; what a listener does not remove is removed with git where git made it. */
export const worktreeDone: ObserveEvent<{ readonly session: Session; readonly directory: string }> = observeEvent(
  "plugsmith/worktree-done",
  { budgetMs: 600_000 },
);

/** Something a person should notice. */
export const notification: ObserveEvent<{
  readonly session?: Session | undefined;
  readonly kind: string;
  readonly title?: string | undefined;
  readonly message: string;
}> = observeEvent("plugsmith/notification", { matchOn: ({ kind }) => kind });

/** A file of instructions was put into the conversation. */
export const instructionsLoaded: ObserveEvent<{
  readonly session: Session;
  readonly file: string;
  readonly kind: "user" | "project" | "local" | "managed";
  readonly reason: "session_start" | "nested_traversal" | "path_glob_match" | "include" | "compact";
  readonly parent?: string | undefined;
}> = observeEvent("plugsmith/instructions-loaded", { matchOn: ({ reason }) => reason });

/** A person asks for the work that a project needs once, or now and then, e.g. `plugsmith --init`. */
export const sessionSetup: ObserveEvent<{
  readonly session: Session;
  readonly trigger: "init" | "maintenance";
}> = observeEvent("plugsmith/session-setup", { matchOn: ({ trigger }) => trigger, budgetMs: 600_000 });

/** The working directory changed. */
export const directoryChanged: ObserveEvent<{ readonly session: Session; readonly from: string; readonly to: string }> =
  observeEvent("plugsmith/directory-changed", { budgetMs: 600_000 });

/** A folder beside the project was added to a session that runs; nobody waits for the listeners. */
export const directoryAdded: ObserveEvent<{
  readonly session: Session;
  /** Absolute. */
  readonly directory: string;
  /** A person's `/add-dir`, or the program that runs the host. */
  readonly source: "slash_command" | "register_repo_root";
}> = observeEvent("plugsmith/directory-added", { matchOn: ({ source }) => source, budgetMs: 600_000 });

/** What a change of the configuration is about, in the words of public hooks. */
export type ConfigurationSource =
  "user_settings" | "project_settings" | "local_settings" | "policy_settings" | "skills";

/** A file of settings or of a skill changed; `deny` keeps the old values for this run, but for those of administrators. */
export const configurationGate: GateEvent<{
  /** The newest session of the host, when there is one. */
  readonly session?: Session | undefined;
  readonly source: ConfigurationSource;
  /** Absolute. */
  readonly file: string;
}> = gateEvent("plugsmith/configuration-gate", { matchOn: ({ source }) => source, budgetMs: 600_000 });

/** A file that hooks of the session watch changed. */
export const fileChanged: ObserveEvent<{
  readonly session: Session;
  readonly file: string;
  readonly change: "change" | "add" | "unlink";
}> = observeEvent("plugsmith/file-changed", { budgetMs: 600_000 });

/**
 * Collects variables for the commands of a session's shell; `null` takes one away. Whoever runs the commands leaves out those
 * that make every program load code, and those that lead to keys and other agents of the person.
 */
export const shellVariables: TransformEvent<{
  readonly session: Session;
  readonly variables: Readonly<Record<string, string | null>>;
}> = transformEvent("plugsmith/shell-variables");
