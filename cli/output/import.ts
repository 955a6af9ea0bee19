import * as z from "zod";
import type { Double, ProposedMarketplace, ProposedPlugin } from "../../marketplace/agents/import/proposal.ts";
import { marketplaceSourceShape } from "./source.ts";

const marketplaceShape: z.ZodType<ProposedMarketplace> = z.strictObject({
  name: z.string(),
  source: marketplaceSourceShape,
  isNew: z.boolean().describe("Whether it has to be added"),
});

const pluginShape: z.ZodType<ProposedPlugin> = z.strictObject({
  id: z.string(),
  enabled: z.boolean().optional().describe("Absent where the agents leave it to the author"),
  had: z.string().optional().describe("The version of an agent, as it writes it"),
  range: z.string().optional().describe("The exact version, where the marketplace has that release"),
  commit: z.string().optional(),
  instead: z.string().optional().describe("Why it is not what the agent had"),
  path: z.string().optional().describe("A folder, for one that no marketplace has"),
  agents: z.array(z.string()).describe("Those that have it by themselves"),
});

const doubleShape: z.ZodType<Double> = z.strictObject({
  agent: z.string(),
  id: z.string(),
  takeAway: z.string().describe("A command, or a sentence, that takes the agent's own away"),
});

const proposal = {
  marketplaces: z.array(marketplaceShape),
  plugins: z.array(pluginShape),
  installed: z.array(z.string()).describe("Ids that are installed here already"),
  doubles: z.array(doubleShape).describe("Plugins that an agent keeps by itself beside the one from here"),
  unplaced: z.array(z.strictObject({ agent: z.string(), what: z.string(), where: z.string(), why: z.string() })),
};

/** Members of what `plugin import` prints; `change` are those of a verb that changes a root. */
export function importMembers(change: Readonly<Record<string, z.ZodType>>): Readonly<Record<string, z.ZodType>> {
  return {
    proposal: z.strictObject(proposal),
    outcome: z.enum(["done", "nothing", "dry-run", "declined"]),
    added: z.array(z.string()).describe("Marketplaces that were added"),
    change: z.strictObject(change).optional().describe("What became of the plugins, as `plugin add` tells it"),
  };
}
