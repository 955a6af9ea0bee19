import { type FlagSpec, type ParsedArguments, valueOf } from "./flags.ts";

/** The flag that names the agents a root is carried into. */
export const TO_FLAG: FlagSpec = {
  name: "to",
  value: "agents",
  summary: "the agents to write into, e.g. claude,codex, or none; remembered (default: those found here)",
};

/** The agents that were named; `undefined` when none were. */
export function namedAgents(args: ParsedArguments): readonly string[] | undefined {
  return valueOf(args, TO_FLAG.name)
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
