import { AGENT_TARGETS } from "../../marketplace/agents/targets.ts";
import type { KnownAgent } from "../../marketplace/agents/agents.ts";
import { kindLabel } from "../../marketplace/agents/component-label.ts";
import type { Expresses } from "../../marketplace/agents/target.ts";
import type { Contribution } from "../../schemas/plugin-manifest.ts";
import { contributedTargets } from "../contributed-targets.ts";
import { EXIT } from "../exit-code.ts";
import { homeOf } from "../home.ts";
import { warnAbout } from "../installed.ts";
import { counted } from "../print/amount.ts";
import { bold, columns, dim } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin agents`. */
export const verb: Verb = {
  name: "agents",
  summary: "other agents on this machine, and what they can be given",
  positionals: [],
  flags: [],
  about: [
    "What is installed here is written into the agents that are found, through their own doors, unless `--to` of `plugin add`",
    "or `plugin sync` names others; that is remembered. What an agent cannot express is said in the plan.",
  ],
  examples: ["plugin agents", "plugin agents --json"],
  run: async (context) => {
    const engine = await context.engine();
    const known = (await engine.agents(true))?.known() ?? [];
    const { diagnostics } = contributedTargets(homeOf(context.environment), AGENT_TARGETS);
    await warnAbout(context, diagnostics);
    return {
      exit: EXIT.ok,
      data: {
        agents: known.map(({ target: { name, title, plugin, byDefault, expresses }, found, holds }) => ({
          name,
          title,
          ...(plugin !== undefined && { plugin }),
          ...(found !== undefined && { found }),
          byDefault,
          expresses,
          holds,
        })),
        diagnostics,
      },
      text: () => known.flatMap(agentText),
    };
  },
};

function agentText({ target, found, holds }: KnownAgent): readonly string[] {
  const { name, title, plugin, byDefault, expresses } = target;
  const version = found?.version === undefined ? "" : ` ${found.version}`;
  const state = found === undefined ? dim("not found") : byDefault ? "found" : "written into only when named";
  return [
    `${bold(name)}  ${title}${version}: ${state}`,
    ...columns(
      [
        ["told of by", plugin ?? ""],
        [
          "holds",
          Object.entries(holds)
            .map(([root, count]) => `${counted(count, "plugin")} of ${root === "user" ? "yours" : root}`)
            .join(", "),
        ],
        ["as they are", kindsOf(expresses, (one) => one === "native")],
        ["rewritten", kindsOf(expresses, (one) => one === "translated")],
        ["loses", kindsOf(expresses, (one) => one === undefined || typeof one === "object")],
      ].filter(([, text]) => text !== ""),
      "  ",
    ),
    "",
  ];
}

const KINDS: readonly Contribution["kind"][] = [
  "skill",
  "command",
  "agent",
  "hook",
  "mcp",
  "lsp",
  "output-style",
  "monitor",
  "bin",
];

function kindsOf(expresses: Expresses, is: (expression: Expresses[Contribution["kind"]]) => boolean): string {
  return KINDS.filter((kind) => is(expresses[kind]))
    .map((kind) => `${kindLabel(kind)}s`)
    .join(", ");
}
