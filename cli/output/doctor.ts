import * as z from "zod";
import type { Drift } from "../../marketplace/agents/doctor/drift.ts";
import { agentOutcomeShape } from "./agent.ts";
import { diagnosticShape, findingShape } from "./diagnostic.ts";

const driftShape: z.ZodType<Drift> = z.strictObject({
  agent: z.string(),
  root: z.string().describe("`user`, or the real path of the project"),
  message: z.string(),
  mend: z
    .enum(["carry", "overwrite", "person"])
    .describe("Writing it again, writing it over what somebody changed at `path`, or the person alone"),
  path: z.string().optional(),
});

const unownedShape: z.ZodType = z.strictObject({
  agent: z.string(),
  kind: z.enum(["hook", "MCP server", "plugin"]),
  name: z.string().describe("Event of a hook, name of a server, what the agent calls a plugin"),
  file: z.string(),
  command: z.string().optional().describe("What it starts, whole"),
  dead: z.string().optional().describe("Why it cannot work"),
  takeAway: z.string().optional().describe("A command, or a sentence, that takes it out; absent where `--fix` can"),
});

/** Members of what `plugin doctor` prints without `--agents`. */
export const homeMembers: Readonly<Record<string, z.ZodType>> = {
  checks: z.array(z.string()).describe("Names of those that looked"),
  findings: z.array(findingShape).describe("What is left"),
  mended: z.array(z.string()).describe("What `--fix` did"),
  failed: z.array(diagnosticShape).describe("What `--fix` tried in vain"),
};

/** Members of what `plugin doctor --agents` prints. */
export const doctorMembers: Readonly<Record<string, z.ZodType>> = {
  agents: z.strictObject({
    drift: z.array(driftShape),
    unowned: z.array(unownedShape).describe("What is in the homes of agents and not from here"),
    unread: z.array(z.strictObject({ agent: z.string(), file: z.string(), why: z.string() })),
    mended: z.array(agentOutcomeShape).describe("Agents that `--fix` wrote again"),
    takenOut: z.array(z.string()).describe("What `--fix` took out after a yes to each"),
    refused: z
      .array(z.strictObject({ what: z.string(), code: z.string(), message: z.string(), hint: z.string().optional() }))
      .describe("What it could not take out in spite of a yes"),
  }),
};
