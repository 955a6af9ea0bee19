import type { Session } from "../session.ts";
import type { TurnEvent, TurnRequest, TurnResult, Turns } from "../turn.ts";
import { checkGrown, checkSame, textOf } from "./conformance-case.ts";
import { checkMessages } from "./message-list.ts";
import type { TurnStage } from "./turn-stage.ts";

/** An implementation of `plugsmith/turns` that is looked at by one case. */
export interface TurnSubject {
  readonly turns: Turns;
  /** A new session, empty. */
  readonly open: () => Promise<Session>;
  readonly dispose?: (() => Promise<void>) | undefined;
}

/** What a case looks at. */
export interface Scene {
  readonly subject: TurnSubject;
  readonly stage: TurnStage;
  readonly session: Session;
  /** Runs a turn to its end, or until `onEvent` returns `leave`. */
  readonly play: (
    prompt: string,
    more?: Partial<TurnRequest> & { readonly onEvent?: (event: TurnEvent) => "leave" | undefined | void },
  ) => Promise<{ readonly events: readonly TurnEvent[]; readonly result: TurnResult | undefined }>;
}

/** Opens a session for a case. */
export async function sceneOf(subject: TurnSubject, stage: TurnStage): Promise<Scene> {
  const session = await subject.open();
  return { subject, stage, session, play: playing(subject, session) };
}

/** Whatever a case is about: no model takes another list, and what was sent once is never changed. */
export function checkRequests({ requests }: TurnStage): void {
  for (const [at, { system, tools, messages, request }] of requests.entries()) {
    checkMessages(request.messages, "user");
    const before = requests[at - 1];
    if (before === undefined) continue;
    const what = `request ${String(at + 1)} does not begin with the one before`;
    checkSame([system, tools], [before.system, before.tools], what);
    checkGrown(before.messages, messages, what);
  }
}

function playing({ turns }: TurnSubject, session: Session): Scene["play"] {
  return async (prompt, { onEvent, ...more } = {}) => {
    const before = session.messages.map(textOf);
    const turn = turns.run({ session, prompt, ...more });
    const events: TurnEvent[] = [];
    const ended: TurnResult = await (async () => {
      for (;;) {
        const { done, value } = await turn.next();
        if (done === true) return value;
        events.push(value);
        if (onEvent?.(value) === "leave") return (await turn.return(LEFT)).value as TurnResult;
      }
    })();
    checkGrown(before, session.messages.map(textOf), "messages that were there before the turn");
    return { events, result: ended };
  };
}

const LEFT: TurnResult = {
  reason: "aborted",
  text: "",
  steps: 0,
  usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
};
