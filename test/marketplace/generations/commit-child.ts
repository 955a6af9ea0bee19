import { holdHome } from "../../../core/platform/home-mutex.ts";
import { commitGeneration } from "../../../marketplace/generations/commit.ts";
import { readCurrent } from "../../../marketplace/generations/generations.ts";
import { homeAt } from "../../../marketplace/home.ts";
import { loadIntent } from "../../../marketplace/lock/root-files.ts";
import { editIntent } from "../../../schemas/settings-edit.ts";
import { change, next, plugin } from "./state.ts";

/** Adds one plugin to generation and intent, as a verb does it: read, change and commit while it holds the home. */
const [homeDirectory = "", id = ""] = process.argv.slice(2);
const home = homeAt(homeDirectory);
const exclusively = holdHome(home.mutex, { deadlineMs: 60_000, signal: new AbortController().signal });
await exclusively(() => {
  const current = readCurrent(home);
  const intent = loadIntent(home.intent);
  const plugins = [...(current?.roots["user"]?.plugins ?? []), plugin(id)];
  const after = editIntent(intent.text, [{ kind: "plugin", id, plugin: { range: "*", enabled: true } }], home.intent);
  commitGeneration(
    home,
    next(`add ${id}`, ...plugins),
    [change(home.intent, intent.text, after)],
    current?.number ?? 0,
  );
});
