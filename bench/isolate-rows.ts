import { defineService } from "../plugin-api/index.ts";
import { isolatedIn, machineSandbox, writeCodePlugin } from "../test/support/isolated-plugin.ts";
import { testHost } from "../test/support/test-host.ts";
import type { RowGroup } from "./local-rows.ts";
import { median } from "./measure.ts";

const CALLS = 5_000;
const WARM_CALLS = 1_000;
const CODE = `
  export default { activate(context) {
    context.provide({ key: "echo@test/echo" }, { echo: (value) => value });
  } };`;

/** One call into a code plugin in a process of its own and back, p50 of calls one after the other. */
export const isolateRows: RowGroup = async () => {
  const service = defineService<{ echo(value: unknown): Promise<unknown> }>("echo@test/echo");
  await using test = await testHost((home) => [
    isolatedIn(writeCodePlugin(home, "echo", { provides: ["echo"] }, CODE), home),
  ]);
  const { echo } = await test.host.frontend.use(service);
  const times: number[] = [];
  for (let at = 0; at < CALLS + WARM_CALLS; at += 1) {
    const started = performance.now();
    await echo({ n: at });
    if (at >= WARM_CALLS) times.push(performance.now() - started);
  }
  const { kind } = await machineSandbox();
  return [
    {
      name: `code plugin, round trip (sandbox: ${kind})`,
      unit: "ms",
      measured: median(times),
      bar: 0.1,
      rule: "0.1 ms",
    },
  ];
};
