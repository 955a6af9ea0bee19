import type { Message, Session } from "plugsmith/plugin-api";
import { callsOf, failure, resultBlock, textBlock } from "./blocks.ts";
import type { ToolRound } from "./tool-round.ts";

const NOT_RUN = failure("not run: the turn was interrupted before");

/**
 * Makes a session ready for the next prompt: open calls get the results that are known, and the model's turn to speak is closed with
 * what was heard of it and why no more came. Returns what was appended; nothing when all is in order or the session is closed
 * (`--resume` then does the same).
 */
export function settle(
  session: Session,
  closing: string,
  heard: string,
  round: ToolRound | undefined,
): readonly Message[] {
  const appended: Message[] = [];
  const append = (message: Message): void => {
    session.append(message);
    appended.push(message);
  };
  try {
    const calls = callsOf(session.messages.at(-1));
    if (calls.length > 0) {
      append({ role: "user", content: calls.map(({ id }) => resultBlock(id, round?.result(id) ?? NOT_RUN)) });
    }
    if (session.messages.at(-1)?.role === "user") {
      const texts = [heard, closing].filter((text) => text.trim() !== "");
      append({ role: "assistant", content: texts.map(textBlock) });
    }
  } catch (error) {
    if (!session.signal.aborted) throw error;
  }
  return appended;
}
