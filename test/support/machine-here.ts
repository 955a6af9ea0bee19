import { mkdirSync } from "node:fs";
import { type InProcessResult, pluginHere } from "./in-process.ts";
import { type At, type Place, placeWhere } from "./machine.ts";

/** Makes a place whose commands run in the process of the test, ten times faster than the program: for tests of what a verb does. */
export function placeHere(): Place {
  return placeWhere((words, { home, cwd, env, input, node, onStart }) => {
    if (input !== undefined || node !== undefined || onStart !== undefined)
      throw new Error("only the program has those");
    mkdirSync(home, { recursive: true });
    return pluginHere(words, { home, cwd, env });
  });
}

/** Runs commands at a place under a managed policy. */
export function underPolicyHere(
  at: Place,
  policy: object,
): (words: readonly string[], run?: Pick<At, "home" | "cwd">) => Promise<InProcessResult> {
  return (words, { home = "home", cwd = "." } = {}) =>
    pluginHere(words, { home: at.path(home), cwd: at.path(cwd), policy });
}
