import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { sessionHost } from "../test/support/session-host.ts";
import { toolPlugin } from "../test/support/tool-plugin.ts";
import { formatTable, verdictOf, type Row } from "./bar.ts";

/**
 * Memory of a long session: scripted turns, every other one with a call of a tool, in one recorded session that keeps all its messages. Prints the resident set every 100
 * turns and fails when its slope over the last four fifths is above 1 KB a turn: `node --conditions=source bench/session-memory.ts [turns]`.
 */
const TURNS = Number(process.argv[2] ?? 5_000);
const SAMPLE_TURNS = 100;
const BAR_KB_A_TURN = 1;
const SCRIPT = `
steps:
  - when: { prompt: go }
    reply: { calls: [{ name: Read }] }
  - reply: { text: done }
`;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

await using test = await sessionHost({
  builtins: ["model-scripted"],
  audited: false,
  plugins: [toolPlugin({ name: "Read", readOnly: true })],
});
test.home.write("project/script.yaml", SCRIPT);
const session = await test.open({ options: { model: "scripted:script.yaml" } });
const samples: { readonly turn: number; readonly rss: number; readonly heap: number }[] = [];
for (let turn = 1; turn <= TURNS; turn += 1) {
  const { result } = await test.turn(session, turn % 2 === 0 ? "go" : "say");
  if (result.reason !== "done") throw new Error(`turn ${String(turn)}: ${result.reason} ${result.message ?? ""}`);
  if (turn % SAMPLE_TURNS !== 0) continue;
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  samples.push({ turn, rss, heap: heapUsed });
  console.log(`${String(turn)}\t${(rss / 1e6).toFixed(1)} MB resident\t${(heapUsed / 1e6).toFixed(1)} MB heap`);
}
const late = samples.filter(({ turn }) => turn > TURNS / 5);
const row = (name: string, points: readonly (readonly [number, number])[]): Row => ({
  name,
  unit: "KB",
  measured: slope(points) / 1_024,
  bar: BAR_KB_A_TURN,
  rule: "1 KB a turn",
});
const rows = [
  row(
    "resident set a turn",
    late.map(({ turn, rss }) => [turn, rss]),
  ),
  row(
    "heap a turn",
    late.map(({ turn, heap }) => [turn, heap]),
  ),
];
console.log(`\n${String(session.messages.length)} messages\n${formatTable(rows)}`);
if (late.length < 2 || rows.some((each) => verdictOf(each) === "FAIL")) process.exitCode = 1;

/** Of the line with the least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [middle, level] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const spread = points.reduce((sum, [x]) => sum + (x - middle) ** 2, 0);
  return points.reduce((sum, [x, y]) => sum + (x - middle) * (y - level), 0) / spread;
}
