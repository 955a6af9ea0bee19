import { CodedError } from "../../schemas/errors.ts";
import { agentsExamination } from "../doctor/agents.ts";
import type { Verb } from "../verb.ts";

/** `plugin doctor`; each flag names a part that is looked at. */
export const verb: Verb = {
  name: "doctor",
  summary: "find what is wrong, and mend it with --fix",
  positionals: [],
  flags: [
    { name: "agents", summary: "compare the lock with what other agents hold, and list what there is not from here" },
    { name: "fix", summary: "mend what is ours, and offer to take out what is not, one by one" },
  ],
  about: [
    "With `--agents`: what was written into other agents and is gone, changed or behind the lock; and every plugin, hook and",
    "MCP server in their homes that no lock owns, with what it starts. `--fix` asks; `--yes` answers only for what is ours.",
  ],
  examples: ["plugin doctor --agents", "plugin doctor --agents --fix"],
  run: async (context, args) => {
    if (!args.switches.has("agents")) {
      throw new CodedError("E_USAGE", "`plugin doctor` needs to know what to look at", {
        hint: "`plugin doctor --agents` looks at other agents; `plugin verify` and `plugin list --check` at what is installed",
      });
    }
    return agentsExamination(context, args.switches.has("fix"));
  },
};
