import * as z from "zod";
import { hookEventsSchema } from "./hooks.ts";
import { minimumAgeSchema, pluginRulesSchema } from "./policy-schema.ts";
import { CAPABILITIES } from "./policy-capabilities.ts";
import { managedSecrets, secretsSetting } from "./secrets-setting.ts";
import type { SettingsKey } from "./settings-keys.ts";
import { marketplaceRuleSchema, marketplaceSourceSchema } from "./source-schema.ts";

const enabledPlugins = z.record(z.string(), z.boolean()).describe("Plugin id to on or off; managed values are final");
const knownMarketplace = z.looseObject({
  source: marketplaceSourceSchema,
  autoUpdate: z.boolean().optional(),
});
const knownMarketplaces = z.record(z.string(), knownMarketplace).describe("Marketplaces to offer, by their own name");
const option = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
const pluginConfigs = z.record(
  z.string(),
  z.looseObject({
    options: z.record(z.string(), option).optional(),
    mcpServers: z.record(z.string(), z.record(z.string(), option)).optional(),
  }),
);

const shared = {
  enabledPlugins: enabledPlugins.optional(),
  extraKnownMarketplaces: knownMarketplaces.optional(),
  additionalMarketplaces: knownMarketplaces.optional(),
  pluginConfigs: pluginConfigs.optional(),
  hooks: hookEventsSchema.optional(),
  disableAllHooks: z.boolean().optional(),
  allowedHttpHookUrls: z.array(z.string()).optional(),
  httpHookAllowedEnvVars: z.array(z.string()).optional(),
  skillOverrides: z.record(z.string(), z.unknown()).optional(),
  skillListingBudgetFraction: z.number().min(0).max(1).optional(),
  skillListingMaxDescChars: z.int().min(0).optional(),
  disableSkillShellExecution: z.boolean().optional(),
  disableBundledSkills: z.boolean().optional(),
} satisfies Partial<Record<SettingsKey, z.ZodType>>;

const settings = {
  $schema: z.string().optional(),
  ...shared,
  secrets: secretsSetting.optional(),
} satisfies Record<SettingsKey, z.ZodType>;

/** Settings of a person or a project (formats.md §8.2); unknown keys belong to plugins and stay. */
export const settingsSchema: z.ZodType = z
  .looseObject(settings)
  .meta({ title: "Settings", description: "Settings of a person or a project" });

/** Managed policy: the settings keys and those that only an administrator may set. */
export const policySchema: z.ZodType = z
  .looseObject({
    $schema: z.string().optional(),
    ...shared,
    secrets: managedSecrets.optional(),
    strictKnownMarketplaces: z
      .array(marketplaceRuleSchema)
      .optional()
      .describe("Allow list; an empty list admits nothing, an absent one restricts nothing"),
    allowedMarketplaces: z.array(marketplaceRuleSchema).optional().describe("The same under another name; both apply"),
    blockedMarketplaces: z
      .array(marketplaceRuleSchema)
      .optional()
      .describe("Block list; it wins over every allow list"),
    yankedPlugins: z
      .record(z.string(), z.string())
      .optional()
      .describe("Withdrawn plugins, `name@market`, each with the reason that people are shown"),
    plugins: pluginRulesSchema.optional(),
    allowedPluginSources: z
      .array(marketplaceRuleSchema)
      .optional()
      .describe("Where the files of plugins may come from; takes the place of `pluginSources` in its file"),
    blockedPluginSources: z
      .array(marketplaceRuleSchema)
      .optional()
      .describe("Where the files of plugins may not come from, whatever catalog lists them"),
    capabilityCeilings: z
      .partialRecord(z.enum(CAPABILITIES), z.array(z.string()))
      .optional()
      .describe("For each capability the plugins, `name@market` or `*@market`, that alone may bring it"),
    requirePin: z
      .boolean()
      .optional()
      .describe("Wants one exact version of what people ask for, and a source that pins its content"),
    requireLockedLaunchers: z
      .boolean()
      .optional()
      .describe("Refuses plugins with a command that downloads what it starts and is not locked"),
    hideDisallowed: z.boolean().optional().describe("Lists of what is on offer leave out what policy refuses"),
    minimumReleaseAge: minimumAgeSchema
      .optional()
      .describe("Age that a release of a registry must have: minutes, or a text such as `24h`"),
    sourceRewrites: z
      .array(z.strictObject({ from: z.string(), to: z.string() }))
      .optional()
      .describe(
        "From where bytes are fetched instead: addresses that begin with `from` begin with `to` then; names stay",
      ),
    pluginSources: z
      .enum(["inherit", "trustCatalog"])
      .optional()
      .describe("Whether the lists also bind where the files of a plugin come from; default inherit"),
    refuseEscapingLinks: z
      .boolean()
      .optional()
      .describe("Refuses a plugin of which a path or a link leads out, instead of leaving that part out"),
    verifyOnLoad: z
      .boolean()
      .optional()
      .describe("Compares every installed plugin with its digest before a session loads it"),
    disableUi: z.boolean().optional().describe("Refuses `plugin ui`"),
    disableSideloadFlags: z.boolean().optional(),
    disableCommandPluginSources: z.boolean().optional(),
    allowManagedHooksOnly: z.boolean().optional(),
    trustedHooks: z
      .array(z.string())
      .optional()
      .describe("Plugins, as `name@market`, whose hooks run although `allowManagedHooksOnly` is on"),
    allowManagedModsOnly: z.boolean().optional(),
    strictPluginOnlyCustomization: z
      .union([z.literal(true), z.array(z.enum(["skills", "agents", "hooks", "mcp"]))])
      .optional(),
    pluginTrustMessage: z.string().optional(),
    pluginSuggestionMarketplaces: z.array(z.string()).optional(),
    channelsEnabled: z.boolean().optional(),
    allowedChannelPlugins: z.array(z.looseObject({ marketplace: z.string(), plugin: z.string() })).optional(),
  })
  .meta({ title: "Managed policy", description: "What may run on this machine, set by its administrator" });
