import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { committedNumbers, newestNumber, readGenerationNumber } from "../../generations/generations.ts";
import { currentNumber, generationFile, keepAside, pointCurrentAt } from "../../generations/state-files.ts";
import type { Home } from "../../home.ts";
import { syncDirectory } from "../../store/durable-file.ts";
import { isCodedError } from "../../../schemas/errors.ts";
import { type Check, type Finding, findingOf, type Scene } from "../finding.ts";
import { readable } from "../readable.ts";

/** Every generation that is kept, and what it did to the files of its root. */
export const generations: Check = {
  name: "generations",
  find: ({ services }): readonly Finding[] => {
    const { home } = services;
    return committedNumbers(home, newestNumber(home)).flatMap((number) => [
      ...unreadable(number, services),
      ...textsOf(home, number),
    ]);
  },
};

function unreadable(number: number, { home, exclusively }: Scene["services"]): readonly Finding[] {
  try {
    readGenerationNumber(home, number);
    return [];
  } catch (error) {
    const isNewer = isCodedError(error) && error.code !== "E_STATE_CORRUPT";
    const repair = {
      does: `put generation ${number} aside`,
      isOurs: true,
      run: () => exclusively(() => putAside(home, number)),
    };
    return [findingOf("generations", error, isNewer ? {} : { repair })];
  }
}

/** When it is the current one, the newest whole one before takes its place. */
function putAside(home: Home, number: number): void {
  const next = committedNumbers(home, number - 1).find((one) => readable(home, one));
  if (currentNumber(home) === number && next !== undefined) {
    pointCurrentAt(home, next);
    syncDirectory(home.state);
  }
  keepAside(generationFile(home, number), existsSync);
}

function textsOf(home: Home, number: number): readonly Finding[] {
  const file = join(home.generations, `${number}.texts.json`);
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return [];
  } catch {
    return [
      {
        check: "generations",
        code: "E_STATE_CORRUPT",
        severity: "info",
        message: `what generation ${number} did to the files of its root cannot be read, so nothing can return to it`,
        file,
      },
    ];
  }
}
