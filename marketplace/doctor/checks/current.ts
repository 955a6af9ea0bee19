import { existsSync, lstatSync } from "node:fs";
import { committedNumbers, newestNumber } from "../../generations/generations.ts";
import { currentNumber, generationFile, keepAside, pointCurrentAt } from "../../generations/state-files.ts";
import { syncDirectory } from "../../store/durable-file.ts";
import type { Check, Finding } from "../finding.ts";
import { readable } from "../readable.ts";

/** The link to the generation that is current: there, a link, and leading to one that can be read. */
export const current: Check = {
  name: "current",
  find: ({ services: { home, exclusively } }): readonly Finding[] => {
    const newest = newestNumber(home);
    const number = currentNumber(home);
    const whole = committedNumbers(home, newest).find((one) => readable(home, one));
    if (newest === 0 || (number !== 0 && existsSync(generationFile(home, number)))) return [];
    const stats = lstatSync(home.current, { throwIfNoEntry: false });
    const what =
      stats === undefined
        ? "is gone"
        : stats.isSymbolicLink()
          ? `leads to generation ${number}, which is gone`
          : "is not a link";
    return [
      {
        check: "current",
        code: "E_STATE_CORRUPT",
        severity: "error",
        message: `\`current\`, which names the generation that this machine runs, ${what}`,
        file: home.current,
        hint:
          whole === undefined
            ? "`plugin sync` in each root makes a new generation"
            : "the newest whole generation can take its place",
        ...(whole !== undefined && {
          repair: {
            does: `make generation ${whole} current`,
            isOurs: true,
            run: () =>
              exclusively(() => {
                if (lstatSync(home.current, { throwIfNoEntry: false })?.isSymbolicLink() === false)
                  keepAside(home.current, existsSync);
                pointCurrentAt(home, whole);
                syncDirectory(home.state);
              }),
          },
        }),
      },
    ];
  },
};
