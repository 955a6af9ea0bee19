import { recover } from "../../generations/recover.ts";
import { existsSync } from "node:fs";
import type { Check } from "../finding.ts";

/** A change that was cut off, or is under way. */
export const journal: Check = {
  name: "journal",
  find: ({ services: { home, exclusively } }) =>
    existsSync(home.journal)
      ? [
          {
            check: "journal",
            code: "E_STATE_CORRUPT",
            severity: "error",
            message: "a change was interrupted before it was finished, or is under way",
            file: home.journal,
            hint: "any `plugin` command that changes something finishes it",
            repair: {
              does: "finish the interrupted change",
              isOurs: true,
              run: async () => void (await exclusively(() => recover(home))),
            },
          },
        ]
      : [],
};
