import * as z from "zod";
import type { AgentOutcome } from "../../marketplace/agents/carry.ts";
import type { AgentOutlook } from "../../marketplace/agents/outlook.ts";
import type { Loss } from "../../marketplace/agents/target.ts";

const lossShape: z.ZodType<Loss> = z
  .strictObject({
    plugin: z.string().describe("Its id"),
    component: z.string().optional().describe("E.g. `hook PreToolUse`; absent when the whole plugin is lost"),
    part: z.string().optional().describe("What of the component, when the agent holds the rest of it, e.g. `tools`"),
    reason: z.string(),
  })
  .meta({ id: "loss", description: "Something that an agent cannot be given" });

/** What a plan says about one agent. */
export const agentOutlookShape: z.ZodType<AgentOutlook> = z
  .strictObject({
    name: z.string(),
    title: z.string(),
    version: z.string().optional(),
    because: z.enum(["asked", "remembered", "found", "left"]),
    plugins: z.int().min(0).describe("How many it will hold, in whole or in part"),
    losses: z.array(lossShape).describe("Of the plugins that the verb changes"),
    problem: z.string().optional().describe("Why it could not be written into now"),
  })
  .meta({ id: "agentOutlook" });

/** What became of one agent. */
export const agentOutcomeShape: z.ZodType<AgentOutcome> = z
  .strictObject({
    name: z.string(),
    title: z.string(),
    outcome: z.enum(["written", "unchanged", "failed"]),
    plugins: z.int().min(0).describe("How many it holds, in whole or in part"),
    losses: z.array(lossShape),
    remarks: z.array(z.string()).describe("What was left because somebody changed it since"),
    error: z.strictObject({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
  })
  .meta({ id: "agentOutcome" });

/** One agent as `plugin agents` lists it. */
export const knownAgentShape: z.ZodType = z
  .strictObject({
    name: z.string().describe("As in `--to`"),
    title: z.string(),
    plugin: z.string().optional().describe("The plugin that tells of it; absent for one that is known by itself"),
    found: z
      .strictObject({ program: z.string().optional(), version: z.string().optional(), folder: z.string() })
      .optional()
      .describe("Absent when it is not on this machine"),
    byDefault: z.boolean().describe("Whether it is written into without being named"),
    expresses: z
      .record(z.string(), z.union([z.enum(["native", "translated"]), z.strictObject({ lost: z.string() })]))
      .describe("By kind of contribution; a kind that is missing is lost"),
    holds: z.record(z.string(), z.int().min(0)).describe("Plugins it was given, by root"),
  })
  .meta({ id: "knownAgent" });
