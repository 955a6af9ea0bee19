import { expect, it } from "vitest";
import { ContributionRules } from "../../../core/discover/contribution-rules.ts";
import type { HookContribution, SkillContribution } from "../../../plugin-api/index.ts";
import type { PluginTier } from "../../../plugin-api/plugin-info.ts";
import type { Contribution } from "../../../schemas/plugin-manifest.ts";
import { makeDecide } from "../../../schemas/policy-decision.ts";
import { readPolicyDocument } from "../../../schemas/policy.ts";
import { MemorySettings, type SettingsFile } from "../../support/memory-settings.ts";
import { codePlugin } from "../../support/test-host.ts";

const WHERE = { file: "hooks/hooks.json" };
const HOOK: HookContribution = {
  kind: "hook",
  event: "PreToolUse",
  handler: { type: "command", command: "true" },
  where: WHERE,
};
const SKILL: SkillContribution = {
  kind: "skill",
  name: "greet",
  path: "skills/greet",
  file: "skills/greet/SKILL.md",
  description: "Greets",
  userInvocable: true,
  modelInvocable: true,
  hooks: [HOOK],
  fields: {},
};
const PARTS: readonly Contribution[] = [HOOK, SKILL];

interface Row {
  readonly when: string;
  readonly managed?: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>>;
  readonly id?: string;
  readonly tier?: PluginTier;
  /** What is left, hooks of skills as `skill+hook`. */
  readonly left: readonly string[];
}

const ROWS: readonly Row[] = [
  { when: "nothing is said", left: ["hook", "skill+hook"] },
  { when: "policy turns every hook off", managed: { disableAllHooks: true }, left: ["skill"] },
  { when: "(HK09) policy admits managed hooks only", managed: { allowManagedHooksOnly: true }, left: ["skill"] },
  {
    when: "(HK09) policy admits managed hooks only and trusts those of the plugin",
    managed: { allowManagedHooksOnly: true, trustedHooks: ["one@market"] },
    left: ["hook", "skill+hook"],
  },
  {
    when: "(HK09) policy admits managed hooks only and trusts those of the name in another marketplace",
    managed: { allowManagedHooksOnly: true, trustedHooks: ["one@other"] },
    left: ["skill"],
  },
  {
    when: "(HK09) policy admits managed hooks only and forces the plugin",
    managed: { allowManagedHooksOnly: true, enabledPlugins: { "one@market": true } },
    left: ["hook", "skill+hook"],
  },
  { when: "a person turns every hook off", user: { disableAllHooks: true }, left: ["skill"] },
  {
    when: "a person turns every hook off and policy forces the plugin",
    managed: { enabledPlugins: { "one@market": true } },
    user: { disableAllHooks: true },
    left: ["hook", "skill+hook"],
  },
  {
    when: "only plugins may bring hooks, and a loose folder does",
    managed: { strictPluginOnlyCustomization: ["hooks"] },
    id: "settings@user",
    tier: "loose",
    left: ["skill"],
  },
  {
    when: "only plugins may bring anything, and a loose folder does",
    managed: { strictPluginOnlyCustomization: true },
    id: "claude@project",
    tier: "loose",
    left: [],
  },
  {
    when: "only plugins may bring anything, and the administrator's folder does",
    managed: { strictPluginOnlyCustomization: true },
    id: "folder-1@managed",
    tier: "loose",
    left: ["hook", "skill+hook"],
  },
  {
    when: "only plugins may bring anything, and one does",
    managed: { strictPluginOnlyCustomization: true },
    left: ["hook", "skill+hook"],
  },
  {
    when: "a person says what administrators alone may say",
    user: { strictPluginOnlyCustomization: true },
    id: "settings@user",
    tier: "loose",
    left: ["hook", "skill+hook"],
  },
];

it.each(ROWS)("leaves $left when $when", ({ managed, user, id = "one@market", tier = "installed", left }) => {
  const documents = managed === undefined ? [] : [readPolicyDocument(JSON.stringify(managed), { file: "/managed" })];
  const files: SettingsFile[] = [
    { layer: "managed", file: "/managed", values: managed ?? {} },
    { layer: "user", file: "/user", values: user ?? {} },
  ];
  const rules = new ContributionRules({
    policy: { documents, decide: makeDecide(documents) },
    settings: new MemorySettings(files),
  });
  const plugin = codePlugin("one", {}, () => undefined);
  const given = {
    ...plugin,
    info: { ...plugin.info, id, tier },
    manifest: { ...plugin.manifest, contributions: PARTS },
  };
  const admitted = rules.admitted(given);
  const names = admitted.manifest.contributions.map((one) =>
    one.kind === "skill" && (one.hooks?.length ?? 0) > 0 ? "skill+hook" : one.kind,
  );
  expect(names).toEqual(left);
  expect(admitted.revision === given.revision).toBe(left.length === 2 && left.includes("skill+hook"));
});
