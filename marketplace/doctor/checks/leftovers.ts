import { removeIfPresent } from "../../generations/state-files.ts";
import { deadLeases } from "../../generations/lease.ts";
import { removeTree } from "../../store/disk-tree.ts";
import { Store } from "../../store/store.ts";
import { basename } from "node:path";
import type { Check } from "../finding.ts";

/** What processes that were killed have left. */
export const leftovers: Check = {
  name: "leftovers",
  find: ({ services: { home } }) => [
    ...new Store(home).deadStaging().map(
      (path) =>
        ({
          check: "leftovers",
          code: "W_LEFTOVER",
          severity: "warning",
          message: `an ended process left an unfinished download \`${basename(path)}\``,
          file: path,
          hint: "the next command that fetches something removes it",
          repair: { does: "delete unfinished downloads", isOurs: true, run: () => removeTree(path) },
        }) as const,
    ),
    ...deadLeases(home).map(
      (path) =>
        ({
          check: "leftovers",
          code: "W_LEFTOVER",
          severity: "warning",
          message: `an ended process left its mark \`${basename(path)}\``,
          file: path,
          hint: "`plugin cache gc` removes it",
          repair: { does: "delete marks of ended processes", isOurs: true, run: () => removeIfPresent(path) },
        }) as const,
    ),
  ],
};
