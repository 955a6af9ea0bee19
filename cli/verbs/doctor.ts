import { agentsExamination } from "../doctor/agents.ts";
import { homeExamination } from "../doctor/home.ts";
import type { Verb } from "../verb.ts";

/** `plugin doctor`; with `--agents` it looks closely at other agents, else at everything in short. */
export const verb: Verb = {
  name: "doctor",
  summary: "find what is wrong, and mend it with --fix",
  positionals: [],
  flags: [
    { name: "agents", summary: "compare the lock with what other agents hold, and list what there is not from here" },
    { name: "fix", summary: "mend what is ours, and offer to take out what is not, one by one" },
  ],
  about: [
    "Looks at the whole home: interrupted changes, what killed processes left, damaged or missing files, state, settings, locks and",
    "projects, permissions, the file system, the clock, git, the keychain, marketplaces (not with `--offline`) and other agents. Exit 1",
    "while something is wrong.",
    "With `--agents`: what was written into other agents and is gone, changed or behind the lock; and every plugin, hook and",
    "MCP server in their homes that no lock owns, with what it starts. `--fix` asks; `--yes` answers only for what is ours.",
  ],
  examples: ["plugin doctor", "plugin doctor --fix", "plugin doctor --agents --fix"],
  run: (context, args) =>
    args.switches.has("agents")
      ? agentsExamination(context, args.switches.has("fix"))
      : homeExamination(context, args.switches.has("fix")),
};
