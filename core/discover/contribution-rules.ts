import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import type { Settings } from "../../plugin-api/services/settings.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { Contribution, SkillContribution } from "../../schemas/plugin-manifest.ts";
import type { HostPlugin } from "../host-plugin.ts";
import type { Policy } from "../settings/policy-documents.ts";

/** What contributions are held against. */
export interface ContributionRulesOptions {
  readonly policy: Policy;
  readonly settings: Pick<Settings, "layers">;
}

/** Kinds that `strictPluginOnlyCustomization` names (formats.md §8.2). */
const CUSTOMIZATIONS: Readonly<Record<string, readonly Contribution["kind"][]>> = {
  skills: ["skill", "command"],
  agents: ["agent"],
  hooks: ["hook"],
  mcp: ["mcp"],
};

/** Which contributions of enabled plugins may take part: policy is asked for each, switches of settings are held to (DESIGN §5.2). */
export class ContributionRules {
  readonly #options: ContributionRulesOptions;

  constructor(options: ContributionRulesOptions) {
    this.#options = options;
  }

  /** The plugin without what may not take part; another revision, so that a reload takes it out and puts it back. */
  admitted(plugin: HostPlugin): HostPlugin {
    const { info, manifest } = plugin;
    const refused: Diagnostic[] = [];
    const admit = (contribution: Contribution): boolean => {
      const reason = this.#refusal(info, contribution);
      if (reason !== undefined) refused.push(refusedContribution(info, contribution, reason));
      return reason === undefined;
    };
    const contributions = manifest.contributions
      .filter(admit)
      .map((contribution) => (contribution.kind === "skill" ? withHooks(contribution, admit) : contribution));
    if (refused.length === 0) return plugin;
    return {
      ...plugin,
      manifest: { ...manifest, contributions },
      revision: `${plugin.revision} without ${JSON.stringify(refused.map(({ message }) => message))}`,
      diagnostics: [...plugin.diagnostics, ...refused],
    };
  }

  /** A skill that no plugin of the host holds, without those of its hooks that may not take part; `undefined` when it may not itself. */
  admittedSkill(plugin: PluginInfo, skill: SkillContribution): SkillContribution | undefined {
    const admit = (contribution: Contribution): boolean => this.#refusal(plugin, contribution) === undefined;
    return admit(skill) ? withHooks(skill, admit) : undefined;
  }

  #refusal({ id, tier }: PluginInfo, contribution: Contribution): string | undefined {
    const { policy, settings } = this.#options;
    const { kind } = contribution;
    const name = contribution.kind === "hook" ? contribution.event : contribution.name;
    const decision = policy.decide({ kind: "contribution", id, contribution: { kind, name } }, "load");
    if (!decision.allowed) return `${decision.reason} (\`${decision.rule.key}\` in ${decision.rule.file})`;
    if (tier === "loose" && !id.endsWith("@managed")) {
      const strict = settings
        .layers("strictPluginOnlyCustomization")
        .find(({ layer, value }) => layer === "managed" && isCustomization(kind, value));
      if (strict !== undefined)
        return `\`strictPluginOnlyCustomization\` in ${strict.file} admits those of plugins only`;
    }
    if (kind !== "hook") return undefined;
    const off = settings.layers("disableAllHooks").find(({ value }) => value === true);
    // A person cannot switch off what administrators switch on.
    if (off === undefined || policy.documents.some(({ plugins }) => plugins.forced.has(id))) return undefined;
    return `\`disableAllHooks\` in ${off.file} turns every hook off`;
  }
}

function withHooks(skill: SkillContribution, admit: (contribution: Contribution) => boolean): SkillContribution {
  return skill.hooks === undefined ? skill : { ...skill, hooks: skill.hooks.filter(admit) };
}

/** A value that cannot be read closes every kind. */
function isCustomization(kind: Contribution["kind"], value: unknown): boolean {
  const listed = Array.isArray(value) ? value.filter((item) => typeof item === "string") : Object.keys(CUSTOMIZATIONS);
  return value !== false && listed.some((name) => CUSTOMIZATIONS[name]?.includes(kind) === true);
}

function refusedContribution({ id }: PluginInfo, contribution: Contribution, reason: string): Diagnostic {
  const { kind } = contribution;
  const name = contribution.kind === "hook" ? contribution.event : contribution.name;
  return {
    code: "E_SOURCE_BLOCKED",
    severity: "warning",
    message: `${kind} \`${name}\` of \`${id}\` is not used: ${reason}`,
    dropped: kind,
  };
}
