import * as z from "zod";
import { commandMapSchema } from "./claude-plugin.ts";
import { HOOK_EVENTS } from "./hook-events.ts";
import { lspJsonSchema } from "./lsp.ts";
import { mcpServersSchema } from "./mcp.ts";
import { monitorsJsonSchema } from "./monitors.ts";

const path = z.string().startsWith("./", { error: "must start with `./`" });
const paths = z.union([path, z.array(path)]);
const jsonPath = path.endsWith(".json", { error: "must end in `.json`" });
const agentPath = path.endsWith(".md", { error: "must end in `.md`" });
const skillPath = z.union([z.literal("."), path]);
const bundle = z.union([
  path.regex(/\.(?:mcpb|dxt)$/),
  z.string().regex(/^https:\/\/.*\.(?:mcpb|dxt)$/, { error: "is no https address of a bundle" }),
]);
const hookEvents = z.partialRecord(z.enum(Object.keys(HOOK_EVENTS)), z.unknown());
const globs = z.array(z.string().max(256)).max(10);

const signals = z
  .looseObject({
    cwd: globs.optional(),
    filesRead: globs.optional(),
    cli: z.array(z.string().max(64)).max(10).optional(),
    hosts: z.array(z.string().max(128)).max(20).optional(),
    manifestDeps: z
      .array(
        z.looseObject({
          file: z.string(),
          pattern: z.string().max(256).refine(isPattern, { error: "is no regular expression" }),
        }),
      )
      .max(10)
      .optional(),
  })
  .refine((given) => ["cwd", "filesRead", "cli", "hosts", "manifestDeps"].some((key) => given[key] !== undefined), {
    error: "needs at least one signal",
  });

/** What a catalog's author is held to in an entry beyond what makes it usable: components in full (formats.md §2.2). */
export const listedEntrySchema: z.ZodType = z.looseObject({
  relevance: z.looseObject({ topic: z.string().max(64).optional(), signals }).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  types: path.endsWith(".d.ts", { error: "must name a declaration file" }).optional(),
  skills: z.union([skillPath, z.array(skillPath)]).optional(),
  commands: z.union([paths, z.record(z.string(), commandMapSchema)]).optional(),
  agents: z.union([agentPath, z.array(agentPath)]).optional(),
  hooks: z.union([jsonPath, hookEvents, z.array(z.union([jsonPath, hookEvents]))]).optional(),
  mcpServers: z
    .union([jsonPath, bundle, mcpServersSchema, z.array(z.union([jsonPath, bundle, mcpServersSchema]))])
    .optional(),
  lspServers: z.union([jsonPath, lspJsonSchema, z.array(z.union([jsonPath, lspJsonSchema]))]).optional(),
  outputStyles: paths.optional(),
  workflows: paths.optional(),
  themes: paths.optional(),
  monitors: z.union([jsonPath, monitorsJsonSchema]).optional(),
});

function isPattern(text: string): boolean {
  try {
    RegExp(text);
    return true;
  } catch {
    return false;
  }
}
