import Anthropic from "@anthropic-ai/sdk";
import { messagesServer } from "../test/support/messages-server/index.ts";
import { sessionHost } from "../test/support/session-host.ts";
import { toolPlugin } from "../test/support/tool-plugin.ts";
import { formatTable, verdictOf, type Row } from "./bar.ts";
import { median } from "./measure.ts";

/**
 * What the turn loop costs a step, beside the raw SDK that asks the same server the same things: turns of many steps, each a streamed
 * answer with one call of a tool, interleaved: `node --conditions=source bench/loop-overhead.ts`.
 */
const RUNS = 21;
const WARM_UP_RUNS = 4;
const STEPS = 20;
const BAR_MS = 2;
const MODEL = "claude-sonnet-5-5";
const PROMPT = "go";
const TOOL = { name: "Read", description: "a tool", schema: { type: "object" } } as const;

await using service = await messagesServer({
  reply: ({ messages }) => {
    const step = (messages.length + 1) / 2;
    return step % STEPS === 0 ? { text: "done" } : { text: "I read", calls: [{ name: TOOL.name, input: { step } }] };
  },
  recording: false,
});
await using test = await sessionHost({
  environment: { ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: service.url },
  plugins: [toolPlugin({ name: TOOL.name, readOnly: true })],
});
const client = new Anthropic({ apiKey: "k", baseURL: service.url, openTelemetry: false, logLevel: "off" });

const loop: number[] = [];
const raw: number[] = [];
for (let run = 0; run < WARM_UP_RUNS + RUNS; run += 1) {
  const [loopMs, rawMs] = [await timed(throughLoop), await timed(throughSdk)];
  if (run < WARM_UP_RUNS) continue;
  loop.push(loopMs / STEPS);
  raw.push(rawMs / STEPS);
}
const baseline = median(raw);
const rows: readonly Row[] = [
  {
    name: "a step of the loop",
    unit: "ms",
    measured: median(loop),
    bar: baseline + BAR_MS,
    rule: "SDK + 2 ms",
    baseline,
  },
];
console.log(formatTable(rows));
if (rows.some((row) => verdictOf(row) === "FAIL")) process.exitCode = 1;

async function timed(work: () => Promise<number>): Promise<number> {
  const started = performance.now();
  const steps = await work();
  if (steps !== STEPS) throw new Error(`${String(steps)} steps instead of ${String(STEPS)}`);
  return performance.now() - started;
}

async function throughLoop(): Promise<number> {
  const session = await test.open({ options: { model: MODEL } });
  const { result } = await test.turn(session, PROMPT);
  return result.steps;
}

async function throughSdk(): Promise<number> {
  const messages: Anthropic.MessageParam[] = [{ role: "user", content: PROMPT }];
  for (let step = 1; ; step += 1) {
    const stream = client.messages.stream({
      model: MODEL,
      max_tokens: 32_000,
      messages,
      tools: [{ name: TOOL.name, description: TOOL.description, input_schema: TOOL.schema }],
    });
    const { content } = await stream.finalMessage();
    messages.push({ role: "assistant", content });
    const calls = content.filter((block) => block.type === "tool_use");
    if (calls.length === 0) return step;
    const results = calls.map(({ id }) => ({ type: "tool_result" as const, tool_use_id: id, content: "ok" }));
    messages.push({ role: "user", content: results });
  }
}
