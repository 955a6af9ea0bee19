import { setTimeout as sleep } from "node:timers/promises";
import { holdCurrent } from "../../marketplace/generations/hold-current.ts";
import { homeAt } from "../../marketplace/home.ts";
import { Store } from "../../marketplace/store/store.ts";
import { treesOf } from "../../schemas/generation.ts";

/** After each tree, so that readers leave some time to those who change the home. */
const PAUSE_MS = 100;

/**
 * Holds the generation that is current when it starts, as a session does, and reads its manifests and every byte of its trees
 * again and again until its input ends, then once more. Fails at the first that is not there or not as it was.
 * Says `held <generation>`, then `read <trees>` after each time.
 */
const home = homeAt(process.argv[2] ?? "");
const held = holdCurrent(home, ({ message }) => {
  throw new Error(message);
});
if (held === undefined) throw new Error("there is nothing to hold");
const { generation, lease } = held;
process.stdout.write(`held ${generation.number}\n`);

const plugins = Object.values(generation.roots).flatMap((root) => root.plugins);
const trees = [...new Set(plugins.flatMap(treesOf))];
let ends = false;
process.stdin.on("end", () => (ends = true)).resume();
for (let last = false; !last;) {
  last = ends;
  const store = new Store(home);
  for (const { manifest } of plugins) store.readManifest(manifest);
  for (const tree of trees) {
    const { problems } = store.verify(tree);
    if (problems.length > 0) throw new Error(`of generation ${generation.number}: ${JSON.stringify(problems)}`);
    await sleep(PAUSE_MS);
  }
  process.stdout.write(`read ${trees.length}\n`);
}
lease.dispose();
