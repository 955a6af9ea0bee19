import * as z from "zod";

/** Root `plugin.json` of Agent Plugins 1.x. */
export interface AgentPluginJson {
  readonly $schema?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  readonly author?:
    { readonly name: string; readonly email?: string | undefined; readonly url?: string | undefined } | undefined;
  readonly homepage?: string | undefined;
  readonly repository?: string | undefined;
  readonly license?: string | undefined;
  readonly keywords?: readonly string[] | undefined;
}

/** Root `plugin.json` of Agent Plugins 1.x; other top-level keys are reported and ignored. */
export const agentPluginJsonSchema: z.ZodType<AgentPluginJson> = z
  .looseObject({
    $schema: z.string().optional(),
    name: z.string(),
    version: z.string().optional(),
    description: z.string().optional(),
    author: z
      .looseObject({ name: z.string().min(1), email: z.string().optional(), url: z.string().optional() })
      .optional(),
    homepage: z.string().optional(),
    repository: z.string().optional(),
    license: z.string().optional(),
    keywords: z.array(z.string()).optional(),
  })
  .meta({ title: "Agent Plugins plugin.json", description: "Manifest at the root of an Agent Plugins 1.x package" });

/** Every top-level key that an Agent Plugins manifest may have. */
export const AGENT_PLUGIN_KEYS: ReadonlySet<string> = new Set([
  "$schema",
  "name",
  "version",
  "description",
  "author",
  "homepage",
  "repository",
  "license",
  "keywords",
  "extensions",
  "plugsmith",
]);
