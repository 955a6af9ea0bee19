import * as z from "zod";
import type { KnownMarketplace } from "../../marketplace/catalog/snapshot.ts";
import { diagnosticShape } from "./diagnostic.ts";
import { failureShape } from "./failure.ts";
import { marketplaceSourceShape } from "./source.ts";

/** A marketplace that was added. */
export const marketShape: z.ZodType<KnownMarketplace> = z
  .strictObject({
    name: z.string(),
    source: marketplaceSourceShape,
    identity: z.string(),
    revision: z.string().describe("A commit, else the digest of the catalog file"),
    addedAt: z.iso.datetime(),
    fetchedAt: z.iso.datetime(),
    refreshError: z.string().optional(),
  })
  .meta({ id: "marketplace" });

/** What a refresh did to one marketplace. */
export const refreshShape: z.ZodType = z.discriminatedUnion("outcome", [
  z.strictObject({ name: z.string(), outcome: z.literal("unchanged"), revision: z.string() }),
  z.strictObject({
    name: z.string(),
    outcome: z.literal("updated"),
    from: z.string(),
    to: z.string(),
    diagnostics: z.array(diagnosticShape),
  }),
  z.strictObject({
    name: z.string(),
    outcome: z.literal("failed"),
    revision: z.string().describe("The last good copy, which stays in use"),
    error: failureShape,
  }),
]);
