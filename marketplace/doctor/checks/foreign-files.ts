import { join } from "node:path";
import { removeTree } from "../../store/disk-tree.ts";
import { namesIn } from "../../store/folders.ts";
import { splitMark } from "../../store/process-mark.ts";
import { isDigest } from "../../../schemas/lockfile.ts";
import type { Check, Finding } from "../finding.ts";

/** What lies in the store and is not from here. */
export const foreignFiles: Check = {
  name: "foreign files",
  find: ({ services: { home } }): readonly Finding[] => {
    const own = (directory: string, isOwn: (name: string) => boolean): readonly string[] =>
      namesIn(directory)
        .filter((name) => !isOwn(name))
        .map((name) => join(directory, name));
    return [
      ...own(home.store, (name) => ["trees", "staging", "index", "index.new"].includes(name)),
      ...own(home.trees, isDigest),
      ...own(home.staging, (name) => splitMark(name) !== undefined),
    ].map((path) => ({
      check: "foreign files",
      code: "W_FOREIGN_FILE",
      severity: "warning",
      message: `\`${path}\` is not from Plugsmith`,
      file: path,
      hint: "move it elsewhere if it is yours; nothing here needs it",
      repair: { does: `delete \`${path}\``, isOurs: false, run: () => removeTree(path) },
    }));
  },
};
