import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What `everyVerb` is told by the file that its argument names. */
export interface VerbSteps {
  /** Directory of the bundle. */
  readonly bundle: string;
  /** Gets a file of the name of each step before it begins, so that a record of system calls says whose they are. */
  readonly marks: string;
  /** Gets the exit code of each step. */
  readonly results: string;
  readonly steps: readonly VerbStep[];
}

/** One command line. */
export interface VerbStep {
  readonly name: string;
  /** After `plugsmith` or `plugin`. */
  readonly words: readonly string[];
  readonly program: "plugin" | "plugsmith";
  /** It would go on for ever: a person presses Ctrl-C. It has to be the last one, since an interrupted process ends soon. */
  readonly endless?: true | undefined;
}

/**
 * Runs command lines one after the other in one process, which is to be watched from outside: the code is that of the commands as
 * people get them, and starting a Node for each would take most of the time.
 */
async function everyVerb({ bundle, marks, results, steps }: VerbSteps): Promise<void> {
  const load = async (file: string) => (await import(pathToFileURL(join(bundle, file)).href)) as Programs;
  const exits: Record<string, number> = {};
  mkdirSync(marks, { recursive: true });
  for (const { name, words, program, endless } of steps) {
    writeFileSync(join(marks, name.replaceAll(" ", "-")), "");
    process.exitCode = undefined;
    const end = endless === undefined ? undefined : pressCtrlC();
    if (program === "plugin") await (await load("main.js")).main(words);
    else await (await load("session.js")).sessionMain(words);
    clearInterval(end);
    exits[name] = Number(process.exitCode);
  }
  writeFileSync(results, JSON.stringify(exits));
  // What a verb left open does not keep the process.
  process.exit(0);
}

/** Once, as soon as somebody listens. */
function pressCtrlC(): NodeJS.Timeout {
  const timer = setInterval(() => {
    if (process.listenerCount("SIGINT") === 0) return;
    clearInterval(timer);
    process.emit("SIGINT");
  }, 100);
  return timer;
}

interface Programs {
  readonly main: (words: readonly string[]) => Promise<void>;
  readonly sessionMain: (words: readonly string[]) => Promise<void>;
}

await everyVerb(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as VerbSteps);
