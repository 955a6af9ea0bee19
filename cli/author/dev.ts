import { existsSync, realpathSync, statSync } from "node:fs";
import { relative } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import type { VerbContext } from "../context.ts";
import { homeOf } from "../home.ts";
import { Interruption } from "../interruption.ts";
import { dim, red } from "../print/style.ts";
import { watchFolders } from "../session/folder-watch.ts";
import { messageOf } from "../session/message-of.ts";
import { changeLines, viewLines } from "./dev-text.ts";
import { devView, type DevView } from "./dev-view.ts";
import { untilStopped } from "./keys.ts";
import { routedSet } from "./routed-set.ts";
import { isMarketplace } from "./subjects.ts";

/** How a folder is watched. */
export interface DevOptions {
  /** Absolute. */
  readonly directory: string;
  /** As the person named it. */
  readonly shown: string;
  /** Looks once and ends. */
  readonly once: boolean;
}

/** What was seen last, and how often something changed before. */
export interface DevResult {
  readonly view: DevView;
  readonly changes: number;
}

/** Shows a plugin, then again whenever it changes, until the person stops. Throws `E_NOT_FOUND`. */
export async function develop(context: VerbContext, options: DevOptions): Promise<DevResult> {
  const { shown, once } = options;
  if (statSync(options.directory, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new CodedError("E_NOT_FOUND", `\`${shown}\` is no folder`, { hint: "name the folder of a plugin" });
  const directory = realpathSync(options.directory);
  if (isMarketplace(directory))
    throw new CodedError("E_USAGE", `\`${shown}\` is a marketplace`, { hint: "name the folder of one of its plugins" });
  const installed = await routedSet(homeOf(context.environment), context.cwd, []);
  const look = (): DevView => devView(directory, shown, installed);
  let view = look();
  let changes = 0;
  if (once) return { view, changes };
  const { writer } = context;
  const say = (lines: readonly string[]): void => {
    if (!context.options.json) writer.out(lines);
  };
  const folder = relative(context.cwd, directory) || ".";
  say([...viewLines(view), "", ...FOLLOWING(folder)]);
  const interruption = new Interruption();
  const watching = watchFolders(
    [directory],
    () => {
      changes += 1;
      const before = view;
      const time = dim(new Date().toTimeString().slice(0, 8));
      try {
        view = look();
        say(["", time, ...changeLines(before, view)]);
      } catch (error) {
        // A folder that cannot be read at all, e.g. while it is replaced; the next change looks again.
        const gone = !existsSync(directory);
        say(["", time, `${red("error:")} ${gone ? `\`${folder}\` is gone` : messageOf(error)}`]);
        say([
          gone ? "  hint: it is looked at again when it is back" : "  hint: it is looked at again at the next change",
        ]);
      }
    },
    (path, error) => writer.err([`warning: changes of \`${path}\` are not noticed: ${messageOf(error)}`]),
  );
  try {
    await untilStopped(interruption.signal);
  } finally {
    interruption.close();
    watching[Symbol.dispose]();
  }
  return { view, changes };
}

const FOLLOWING = (folder: string): readonly string[] => [
  `watching ${folder}; a session follows: \`plugsmith -p "..." --plugin-dir ${folder}\``,
  "q or Ctrl-C ends",
];
