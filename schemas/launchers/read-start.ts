import { afterPrefix, isProgram } from "./command-prefix.ts";
import { type ImageCall, readContainer } from "./container-call.ts";
import { type LauncherCall, readLauncher, type RefusedLauncher } from "./launcher-call.ts";
import type { CommandWord } from "./shell-line.ts";

/** A command that can be locked to what it starts. */
export type LockableCall = LauncherCall | ImageCall;

const PYTHON = [["uvx"], ["uv", "tool", "run"], ["pipx", "run"]];

/** Reads the words of a command; `undefined` when it is none that downloads what it starts. */
export function readStart(words: readonly CommandWord[]): LockableCall | RefusedLauncher | undefined {
  return readLauncher(words) ?? readContainer(words) ?? readPython(words);
}

function readPython(words: readonly CommandWord[]): RefusedLauncher | undefined {
  const { at } = afterPrefix(words);
  const names = PYTHON.find((one) => one.every((name, index) => isProgram(words[at + index], name)));
  if (names === undefined) return undefined;
  const reason = `\`${names.join(" ")}\` downloads packages of Python, and only npm packages and container images are locked`;
  return { kind: "refused", reason };
}
