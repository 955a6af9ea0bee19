import type { FlagSpec } from "../flags.ts";
import { flagLines } from "../help.ts";
import { VERSION } from "../version.ts";
import { HOST_FLAGS } from "./session-flags.ts";

/** Help of `plugsmith`, or of one of its commands. */
export function sessionHelp(command: string, flags: readonly FlagSpec[]): readonly string[] {
  const head =
    command === "boot"
      ? [
          "plugsmith boot: what a session here would load, and what it would not",
          "",
          "usage: plugsmith boot [--tree | --json] [--start]",
        ]
      : [
          `plugsmith ${VERSION}: an agent made of plugins`,
          "",
          'usage: plugsmith -p "prompt" [flags]   answer one prompt',
          "       plugsmith --init-only               run the hooks that set a project up",
          "       plugsmith boot [--tree | --json]    what a session here would load",
          "       plugsmith plugin <verb> ...         the same as `plugin <verb> ...`",
        ];
  const example = command === "boot" ? "plugsmith boot --json" : 'plugsmith -p "what changed since the last tag?"';
  return [...head, "", "flags:", ...flagLines([...flags, ...HOST_FLAGS]), "", `example: ${example}`];
}
