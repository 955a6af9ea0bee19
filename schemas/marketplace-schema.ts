import * as z from "zod";
import { dependencySchema } from "./claude-plugin.ts";
import { pluginSourceSchema } from "./source-schema.ts";

const name = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
const person = z.looseObject({ name: z.string(), email: z.string().optional(), url: z.string().optional() });

/** One element of `plugins[]`; any field of a plugin.json may stand in it too. */
const catalogEntrySchema: z.ZodType = z
  .looseObject({
    name,
    source: pluginSourceSchema,
    description: z.string().optional(),
    displayName: z.string().optional(),
    version: z.string().optional(),
    category: z.string().optional(),
    tags: z.array(z.string()).optional(),
    keywords: z.array(z.string()).optional(),
    strict: z.boolean().optional().describe("False: the entry is the whole manifest; default true"),
    defaultEnabled: z.boolean().optional(),
    author: person.optional(),
    homepage: z.string().optional(),
    license: z.string().optional(),
    relevance: z.looseObject({}).optional(),
    dependencies: z.array(dependencySchema).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    headersHelper: z.string().optional(),
  })
  .meta({ title: "Catalog entry" });

/** A marketplace.json (formats.md §2.1). */
export const marketplaceJsonSchema: z.ZodType = z
  .looseObject({
    $schema: z.string().optional(),
    name,
    owner: person,
    plugins: z.array(catalogEntrySchema).max(20_000),
    description: z.string().optional(),
    version: z.string().optional(),
    metadata: z
      .looseObject({
        description: z.string().optional(),
        version: z.string().optional(),
        pluginRoot: z.string().optional().describe("Base directory of sources that are a bare name"),
      })
      .optional(),
    renames: z
      .record(name, z.union([name, z.null()]))
      .optional()
      .describe("Old name to new name, or null for removed"),
    allowCrossMarketplaceDependenciesOn: z.array(name).optional(),
    forceRemoveDeletedPlugins: z.boolean().optional(),
  })
  .meta({ title: "Marketplace", description: "A catalog of plugins" });
