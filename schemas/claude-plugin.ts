import * as z from "zod";
import { hooksJsonSchema, hookEventsSchema } from "./hooks.ts";
import { lspJsonSchema } from "./lsp.ts";
import { mcpServersSchema } from "./mcp.ts";
import { monitorsJsonSchema } from "./monitors.ts";

/** A path, several, or none. */
export type PathList = string | readonly string[];

/** One command in map form (formats.md §1.4). */
export interface CommandJson {
  readonly source?: string | undefined;
  readonly content?: string | undefined;
  readonly description?: string | undefined;
  readonly argumentHint?: string | undefined;
  readonly model?: string | undefined;
  readonly allowedTools?: readonly string[] | undefined;
}

/** One user option as a manifest writes it (formats.md §1.5). */
export interface UserOptionJson {
  readonly type: "string" | "number" | "boolean" | "directory" | "file";
  readonly title: string;
  readonly description: string;
  readonly required?: boolean | undefined;
  readonly default?: string | number | boolean | readonly string[] | undefined;
  readonly options?: readonly string[] | undefined;
  readonly multiple?: boolean | undefined;
  readonly sensitive?: boolean | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** One channel as a manifest writes it (formats.md §1.7). */
export interface ChannelJson {
  readonly server: string;
  readonly displayName?: string | undefined;
  readonly userConfig?: Readonly<Record<string, UserOptionJson>> | undefined;
}

/** One dependency as a manifest writes it. */
export type DependencyJson =
  string | { readonly name: string; readonly version?: string | undefined; readonly marketplace?: string | undefined };

/** The fields of a plugin.json, before merging. Component fields stay unknown: their readers judge each part alone. */
export interface PluginJson {
  readonly name: string;
  readonly displayName?: string | undefined;
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  readonly author?:
    { readonly name: string; readonly email?: string | undefined; readonly url?: string | undefined } | undefined;
  readonly homepage?: string | undefined;
  readonly repository?: string | undefined;
  readonly license?: string | undefined;
  readonly keywords?: readonly string[] | undefined;
  readonly defaultEnabled?: boolean | undefined;
  readonly dependencies?: readonly DependencyJson[] | undefined;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly userConfig?: Readonly<Record<string, UserOptionJson>> | undefined;
  readonly channels?: readonly ChannelJson[] | undefined;
  readonly skills?: PathList | undefined;
  readonly commands?: PathList | Readonly<Record<string, unknown>> | undefined;
  readonly agents?: PathList | undefined;
  readonly hooks?: unknown;
  readonly mcpServers?: unknown;
  readonly lspServers?: unknown;
  readonly outputStyles?: PathList | undefined;
  readonly workflows?: PathList | undefined;
  readonly themes?: PathList | undefined;
  readonly monitors?: unknown;
  readonly experimental?: { readonly themes?: PathList | undefined; readonly monitors?: unknown } | undefined;
  readonly plugsmith?: Readonly<Record<string, unknown>> | undefined;
}

const pathSchema = z.string().min(1);
const paths = z.union([pathSchema, z.array(pathSchema)]);
const optionKey = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
  error: "an option key holds letters, digits and underscores and starts with no digit",
});

/** One user option; strict. */
const userOptionSchema: z.ZodType<UserOptionJson> = z
  .strictObject({
    type: z.enum(["string", "number", "boolean", "directory", "file"]),
    title: z.string(),
    description: z.string(),
    required: z.boolean().optional(),
    default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
    options: z.array(z.string().min(1).max(64)).min(1).optional(),
    multiple: z.boolean().optional(),
    sensitive: z.boolean().optional(),
    min: z.number().optional(),
    max: z.number().optional(),
  })
  .superRefine((option, context) => {
    const { options, type } = option;
    if (option.multiple === true && type !== "string")
      context.addIssue({ code: "custom", path: ["multiple"], message: "only a `string` option can be `multiple`" });
    if (options === undefined) return;
    if (type !== "string" || option.multiple === true || option.sensitive === true) {
      context.addIssue({
        code: "custom",
        path: ["options"],
        message: "`options` needs a `string` that is neither `multiple` nor `sensitive`",
      });
    } else if (
      option.default === undefined ? option.required !== true : !options.some((choice) => choice === option.default)
    ) {
      context.addIssue({
        code: "custom",
        path: ["options"],
        message: "`options` needs a `default` that is one of them, or `required`",
      });
    }
  })
  .meta({ title: "User option", description: "A value the person is asked for" });

/** Option key → option. */
const userConfigSchema: z.ZodType<Readonly<Record<string, UserOptionJson>>> = z.record(optionKey, userOptionSchema);

/** One channel; strict. */
const channelSchema: z.ZodType<ChannelJson> = z
  .strictObject({
    server: z.string().min(1),
    displayName: z.string().optional(),
    userConfig: userConfigSchema.optional(),
  })
  .meta({ title: "Channel", description: "An MCP server that may send messages into a session" });

/** One command in map form. */
export const commandMapSchema: z.ZodType<CommandJson> = z
  .looseObject({
    source: pathSchema.optional(),
    content: z.string().optional(),
    description: z.string().optional(),
    argumentHint: z.string().optional(),
    model: z.string().optional(),
    allowedTools: z.array(z.string()).optional(),
  })
  .refine((command) => (command.source === undefined) !== (command.content === undefined), {
    error: "give exactly one of `source` and `content`",
  });

/** One dependency. */
export const dependencySchema: z.ZodType<DependencyJson> = z.union([
  z.string().min(1),
  z.looseObject({ name: z.string().min(1), version: z.string().optional(), marketplace: z.string().optional() }),
]);

/** Our own manifest key (DESIGN §3). */
const plugsmithKeySchema: z.ZodType<Readonly<Record<string, unknown>>> = z
  .looseObject({
    entry: z.string().optional(),
    engine: z.string().optional(),
    capabilities: z.unknown().optional(),
    contributes: z.unknown().optional(),
    points: z.unknown().optional(),
    provides: z.unknown().optional(),
    uses: z.unknown().optional(),
    listens: z.unknown().optional(),
    activation: z.unknown().optional(),
    protected: z.unknown().optional(),
  })
  .meta({ title: "plugsmith", description: "What this plugin adds for the Plugsmith host" });

const markdownPath = pathSchema.regex(/\.md$/i, { error: "agents are `.md` files, not directories" });

const nameSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
    error: "a name holds ASCII letters, digits, `.`, `_` and `-` and starts with a letter or digit",
  });

const facts = {
  displayName: z.string().optional(),
  version: z.string().optional(),
  description: z.string().optional(),
  author: z
    .looseObject({ name: z.string().min(1), email: z.string().optional(), url: z.string().optional() })
    .optional(),
  homepage: z.url().optional(),
  repository: z.string().optional(),
  license: z.string().optional(),
  keywords: z.array(z.string()).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  defaultEnabled: z.boolean().optional(),
  dependencies: z.array(dependencySchema).optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
  userConfig: userConfigSchema.optional(),
  channels: z.array(channelSchema).optional(),
  plugsmith: plugsmithKeySchema.optional(),
};

const components = {
  types: pathSchema.optional(),
  skills: paths.optional(),
  commands: z.union([paths, z.record(z.string().min(1), commandMapSchema)]).optional(),
  agents: z.union([markdownPath, z.array(markdownPath)]).optional(),
  hooks: z
    .union([
      pathSchema,
      hooksJsonSchema,
      hookEventsSchema,
      z.array(z.union([pathSchema, hooksJsonSchema, hookEventsSchema])),
    ])
    .optional(),
  mcpServers: z.union([pathSchema, mcpServersSchema, z.array(z.union([pathSchema, mcpServersSchema]))]).optional(),
  lspServers: z.union([pathSchema, lspJsonSchema, z.array(z.union([pathSchema, lspJsonSchema]))]).optional(),
  outputStyles: paths.optional(),
  workflows: paths.optional(),
  themes: paths.optional(),
  monitors: z.union([pathSchema, monitorsJsonSchema]).optional(),
  experimental: z
    .looseObject({
      themes: paths.optional(),
      monitors: z.union([pathSchema, monitorsJsonSchema]).optional(),
      evals: paths.optional(),
    })
    .optional(),
};

const coarsePaths = z.union([z.string(), z.array(z.string())], { error: "expected a path or a list of paths" });
const anything = z.record(z.string(), z.unknown());
const coarse = z.union([z.string(), anything, z.array(z.union([z.string(), anything]))], {
  error: "expected a path, an object or a list of those",
});

/** `.claude-plugin/plugin.json`, every part of it. */
export const pluginJsonSchema: z.ZodType<PluginJson> = z
  .looseObject({ $schema: z.string().optional(), name: nameSchema, ...facts, ...components })
  .meta({ title: "plugin.json", description: "Manifest of a plugin" });

const coarseComponents = {
  skills: coarsePaths.optional(),
  commands: z
    .union([z.string(), z.array(z.string()), anything], {
      error: "expected a path, a list of paths or a map of commands",
    })
    .optional(),
  agents: coarsePaths.optional(),
  hooks: coarse.optional(),
  mcpServers: coarse.optional(),
  lspServers: coarse.optional(),
  outputStyles: coarsePaths.optional(),
  workflows: coarsePaths.optional(),
  themes: coarsePaths.optional(),
  monitors: z.union([z.string(), z.array(z.unknown())], { error: "expected a path or a list of monitors" }).optional(),
  experimental: z.looseObject({ themes: coarsePaths.optional() }).optional(),
};

/** What must hold for a plugin to load at all: facts in full, component fields by their outer type only. */
export const pluginLoadSchema: z.ZodType<PluginJson> = z.looseObject({
  name: z.string(),
  ...facts,
  ...coarseComponents,
});

/** The same for a catalog entry that stands in for a manifest or adds to it. */
export const entryLoadSchema: z.ZodType<Partial<PluginJson>> = z.looseObject({ ...facts, ...coarseComponents });

/** Every top-level key that a plugin.json may have. */
export const PLUGIN_KEYS: ReadonlySet<string> = new Set([
  "$schema",
  "name",
  "icon",
  "documentationUrl",
  "supportUrl",
  "privacyPolicyUrl",
  "termsOfServiceUrl",
  ...Object.keys(facts),
  ...Object.keys(components),
]);
