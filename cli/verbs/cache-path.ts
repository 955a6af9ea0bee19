import { EXIT } from "../exit-code.ts";
import { homeOf } from "../home.ts";
import type { Verb } from "../verb.ts";

/** `plugin cache path`. */
export const verb: Verb = {
  name: "cache path",
  summary: "print where plugin files lie",
  positionals: [],
  flags: [],
  about: ["Prints the folder of the store, on one line; `--json` names those of downloads and links too."],
  examples: ["plugin cache path", "plugin cache path --json"],
  run: async (context) => {
    const { directory, store, cacheRoot, gitCache, packageCache, cache } = homeOf(context.environment);
    return {
      exit: EXIT.ok,
      data: { home: directory, store, cache: cacheRoot, git: gitCache, npm: packageCache, links: cache },
      text: () => [store],
    };
  },
};
