import type { Host } from "../core/host.ts";
import { gateEvent, observeEvent, type GuardedRequest } from "../plugin-api/index.ts";
import { defineGuardedPoint } from "../plugin-api/point.ts";
import { codePlugin, testHost } from "../test/support/test-host.ts";
import type { Row } from "./bar.ts";
import type { RowGroup } from "./local-rows.ts";
import { median } from "./measure.ts";

const ROUNDS = 15;
const silent = observeEvent<string>("bench/silent", { matchOn: (name) => name });
const crowded = observeEvent<string>("bench/crowded", { matchOn: (name) => name });
const point = defineGuardedPoint<{ readonly name: string }, { readonly n: number }, number>("owner@test/door");
const gate = gateEvent<GuardedRequest>("owner@test/gate");

/** The median of `ROUNDS` means over `count` calls each, in ms a call; the first round warms up and does not count. */
async function perCall(count: number, call: () => Promise<unknown>): Promise<number> {
  const means: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const started = performance.now();
    for (let at = 0; at < count; at += 1) await call();
    if (round > 0) means.push((performance.now() - started) / count);
  }
  return median(means);
}

const row = (name: string, rule: string, measured: number, bar: number): Row => ({
  name,
  rule,
  measured,
  bar,
  unit: "ms",
});

async function eventRows({ frontend }: Host): Promise<readonly Row[]> {
  return [
    row("event, no listener", "2 µs", await perCall(20_000, () => frontend.emit(silent, "x")), 0.002),
    row("event, 100 others listen", "20 µs", await perCall(5_000, () => frontend.emit(crowded, "x")), 0.02),
  ];
}

async function pipelineRow({ frontend }: Host): Promise<Row> {
  const [handle] = (await frontend.read(point)).all();
  if (handle === undefined) throw new Error("no contribution to call");
  let callId = 0;
  const measured = await perCall(500, () => handle.invoke({ n: 1 }, { callId: String((callId += 1)) }));
  return row("guarded call, gate and audit", "0.3 ms", measured, 0.3);
}

/** What the kernel itself costs, inside one process. */
export const kernelRows: RowGroup = async () => {
  const others = Array.from({ length: 100 }, (_, at) =>
    codePlugin(`l${String(at)}`, { listens: [crowded.key] }, (context) => {
      context.listen(
        crowded,
        () => undefined,
        at % 2 === 0 ? { match: [`n${String(at)}`] } : { match: (name) => name === "z" },
      );
    }),
  );
  const owner = codePlugin(
    "owner",
    { points: { door: { guarded: { gate: "gate", audited: true } } } },
    () => undefined,
  );
  const maker = codePlugin("maker", { contributes: { [point.key]: [{ name: "double" }] } }, (context) => {
    context.contribute(point, "double", { descriptor: { name: "double" }, call: ({ n }) => n * 2 });
  });
  const guard = codePlugin("guard", { listens: [gate.key] }, (context) => {
    context.listen(gate, () => ({ decision: "allow" }));
  });
  await using test = await testHost([...others, owner, maker, guard]);
  return [...(await eventRows(test.host)), await pipelineRow(test.host)];
};
