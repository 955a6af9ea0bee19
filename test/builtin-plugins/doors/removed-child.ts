import { builtinNames, builtins } from "../../support/test-host.ts";
import { sampleHost, sampleTurn } from "../../support/sample-turn.ts";

// Boots all built-ins, then all but one, for each of them; prints what each host misses and what a turn comes to.
const names = builtinNames();
for (const removed of [undefined, ...names]) {
  await using host = await sampleHost((home) =>
    builtins(
      names.filter((name) => name !== removed),
      home,
    ),
  );
  const { plugins, missing, unownedPoints, unansweredGates } = host.host.tree();
  const held = plugins.filter(({ state }) => state.kind === "held").map(({ id }) => id);
  const failed = plugins.filter(({ state }) => state.kind === "failed").map(({ id }) => id);
  const unclaimed = [...new Set(plugins.flatMap((node) => node.unclaimed))].sort();
  const boot = { missing, unownedPoints, unansweredGates, unclaimed, held, failed, warnings: [...host.warnings] };
  const turn = await sampleTurn(host);
  console.log(JSON.stringify({ removed, ...boot, turn }));
}
