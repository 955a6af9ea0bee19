import { builtinNames, builtins } from "../../support/test-host.ts";
import { sampleHost, sampleTurn } from "../../support/sample-turn.ts";
import { stubOf } from "../../support/stub-plugin.ts";

// Boots all built-ins with one of them swapped for a stub, for each of them; prints the stub's state and what a turn comes to.
const names = builtinNames();
for (const swapped of names) {
  await using host = await sampleHost((home) =>
    builtins(names, home).map((plugin) => (plugin.info.name === swapped ? stubOf(plugin) : plugin)),
  );
  const turn = await sampleTurn(host);
  const id = `${swapped}@stub`;
  await host.host.activate(id);
  const { plugins, missing, unownedPoints, unansweredGates } = host.host.tree();
  const state = plugins.find((plugin) => plugin.id === id)?.state.kind;
  const others = plugins
    .filter((each) => each.state.kind === "held" || each.state.kind === "failed")
    .map((each) => each.id);
  const lacking = [...missing, ...unownedPoints, ...unansweredGates, ...plugins.flatMap((each) => each.unclaimed)];
  console.log(JSON.stringify({ name: swapped, state, others, lacking, warnings: host.warnings, turn }));
}
