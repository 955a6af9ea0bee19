/** The keys of settings that have a shape; every other one belongs to a plugin. */
export const SETTINGS_KEYS = [
  "$schema",
  "enabledPlugins",
  "extraKnownMarketplaces",
  "additionalMarketplaces",
  "pluginConfigs",
  "hooks",
  "disableAllHooks",
  "allowedHttpHookUrls",
  "httpHookAllowedEnvVars",
  "skillOverrides",
  "skillListingBudgetFraction",
  "skillListingMaxDescChars",
  "disableSkillShellExecution",
  "disableBundledSkills",
  "secrets",
] as const;

/** One of them. */
export type SettingsKey = (typeof SETTINGS_KEYS)[number];
