/** The keys of a policy that are switches. */
export const POLICY_FLAGS = [
  "disableSideloadFlags",
  "disableCommandPluginSources",
  "allowManagedHooksOnly",
  "disableAllHooks",
  "refuseEscapingLinks",
  "verifyOnLoad",
  "requirePin",
  "requireLockedLaunchers",
  "hideDisallowed",
  "disableUi",
] as const;

/** One of `POLICY_FLAGS`; a switch that could not be read is on. */
export type PolicyFlag = (typeof POLICY_FLAGS)[number];
