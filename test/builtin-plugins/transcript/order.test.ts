import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callsOf, orderProblem } from "../../../builtin-plugins/transcript/message-order.ts";
import type { ContentBlock, Message } from "../../../plugin-api/index.ts";
import type { SentRequest } from "../../support/messages-server/request.ts";
import { requestProblem } from "../../support/messages-server/check-request.ts";

const id = fc.constantFrom("1", "2", "3", "4");
const text = fc.constantFrom("x", " ", "").map((value): ContentBlock => ({ type: "text", text: value }));
const call = fc
  .record({ id, input: fc.constantFrom<unknown>({}, { a: 1 }, [], null) })
  .map((fields): ContentBlock => ({ type: "tool_use", name: "Read", ...fields }));
const result = fc
  .record({ tool_use_id: id, content: fc.array(text, { maxLength: 2 }) })
  .map((fields): ContentBlock => ({ type: "tool_result", ...fields }));
const thought = fc.constant<ContentBlock>({ type: "thinking", thinking: "hm", signature: "s" });
const x: ContentBlock = { type: "text", text: "x" };
const ids = ["1", "2", "3", "4", "5", "6"];
/** Messages that can follow each other, so that lists get long; the others are there to be refused. */
const likely: readonly Message[] = [
  { role: "user", content: [x] },
  { role: "assistant", content: [x] },
  ...ids.flatMap((one): readonly Message[] => [
    { role: "assistant", content: [x, { type: "tool_use", id: one, name: "Read", input: {} }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: one, content: [x] }, x] },
  ]),
];
const message: fc.Arbitrary<Message> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...likely) },
  {
    weight: 1,
    arbitrary: fc.record({
      role: fc.constantFrom("user" as const, "assistant" as const),
      content: fc.array(fc.oneof(text, call, result, thought), { maxLength: 3 }),
    }),
  },
);

/** Those of the candidates that a session takes, one after the other. */
function taken(candidates: readonly Message[]): readonly Message[] {
  const messages: Message[] = [];
  const known = new Set<string>();
  for (const candidate of candidates) {
    if (orderProblem(messages.at(-1), candidate, known) !== undefined) continue;
    messages.push(candidate);
    for (const one of callsOf(candidate)) known.add(one);
  }
  return messages;
}

describe("the order of messages", () => {
  it("lets nothing pass that the strict service refuses", () => {
    let longest = 0;
    fc.assert(
      fc.property(fc.array(message, { minLength: 40, maxLength: 120 }), (candidates) => {
        const messages = taken(candidates);
        const sent = messages.at(-1)?.role === "assistant" ? messages.slice(0, -1) : messages;
        longest = Math.max(longest, sent.length);
        if (sent.length === 0) return;
        // As they go over the wire.
        const body = { model: "m", max_tokens: 1, stream: true, messages: sent };
        expect(requestProblem(JSON.parse(JSON.stringify(body)) as SentRequest)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
    expect(longest).toBeGreaterThan(10);
  });
});
