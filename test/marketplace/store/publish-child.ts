import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { homeAt } from "../../../marketplace/home.ts";
import { Store } from "../../../marketplace/store/store.ts";

/** Stages the directories it is given; then publishes them (`publish`) or waits to be killed (`wait`). */
const [homeDirectory = "", what = "", ...sources] = process.argv.slice(2);
const store = new Store(homeAt(homeDirectory));
const staging = store.stage(new AbortController().signal);
for (const source of sources) staging.addTree(openDirectoryTree(source));
process.stdout.write("staged\n");
if (what === "wait") setInterval(() => undefined, 60_000);
else {
  await staging.publish();
  staging.dispose();
}
