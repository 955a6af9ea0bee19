import type { RulePlace } from "../../../schemas/policy.ts";
import type { Cell } from "./policy-cells.ts";
import { type Compiled, NOTHING, type PolicyLoss, stricter, weaker } from "./policy-loss.ts";
import type { WrittenPolicy } from "./written-policy.ts";

/** Plugins that nobody may switch off. */
export const forcedCell: Cell = (policy, agent) => {
  const blocked = new Set(blockedPlugins(policy).map(([id]) => id));
  const forced = policy.flatMap(({ document }) => [...document.plugins.forced]).filter(([id]) => !blocked.has(id));
  if (forced.length === 0) return NOTHING;
  if (agent === "codex") {
    const lost = ([id, place]: readonly [string, RulePlace]): PolicyLoss =>
      weaker(place, "Codex requires no plugins", `\`plugin add ${id} --to codex\` gives it this one`);
    return { settings: {}, losses: forced.map(lost) };
  }
  return { settings: switched(forced, true), losses: agent === "claude" ? [] : githubLosses(forced, agent) };
};

/** Plugins that nobody may switch on, withdrawn ones among them. */
export const blockedCell: Cell = (policy, agent) => {
  const blocked = blockedPlugins(policy);
  if (blocked.length === 0) return NOTHING;
  if (agent === "codex") {
    const hint = "take it out of its catalog, or its marketplace out of the allow list";
    return { settings: {}, losses: blocked.map(([, place]) => weaker(place, "Codex blocks no single plugins", hint)) };
  }
  return { settings: switched(blocked, false), losses: agent === "claude" ? [] : githubLosses(blocked, agent) };
};

/** Rules about plugins: blocked ones by their id, and no agent knows versions, digests or patterns of plugins. */
export const rulesCell: Cell = (policy, agent) => {
  const rules = policy.flatMap(({ document }) => [...document.plugins.rules.values()]);
  const named = rules.filter(({ value, key }) => value.rule === "blocked" && !key.includes("*"));
  const blocked = named.map(({ key, place }) => [key, place] as const);
  const hint = "take what is not to run out of its catalog, or its marketplace out of the allow list";
  const lost = rules.filter(({ value }) => value.version !== undefined || value.digests !== undefined);
  const wide = rules.filter(({ value, key }) => value.rule === "blocked" && key.includes("*"));
  const losses = [...lost, ...wide, ...(agent === "codex" ? named : [])].map(({ place }) =>
    weaker(place, "rules about versions, digests and patterns of plugins are not known there", hint),
  );
  if (agent === "codex" || blocked.length === 0) return { settings: {}, losses };
  return {
    settings: switched(blocked, false),
    losses: agent === "claude" ? losses : [...losses, ...githubLosses(blocked, agent)],
  };
};

/** `allowManagedHooksOnly` beside what it admits: agents admit hooks of plugins that are forced on, and trust no others. */
export const trustedHooksCell: Cell = (policy) => {
  const isOn = policy.some(({ document }) => document.flags.allowManagedHooksOnly?.value === true);
  if (!isOn) return NOTHING;
  const forced = new Set(policy.flatMap(({ document }) => [...document.plugins.forced.keys()]));
  const losses = policy.flatMap(({ document: { file, trustedHooks } }) =>
    [...trustedHooks]
      .filter((id) => !forced.has(id))
      .map((id) =>
        stricter(
          { key: "trustedHooks", file },
          `hooks of \`${id}\` do not run there`,
          `\`"${id}": true\` in \`enabledPlugins\` lets them run, and keeps the plugin on`,
        ),
      ),
  );
  return { settings: {}, losses };
};

/** Ids as written: agents compare letters. */
function blockedPlugins(policy: WrittenPolicy): readonly (readonly [id: string, place: RulePlace])[] {
  return policy.flatMap(({ document }) =>
    [...document.plugins.blocked.values()].map(
      ({ place }) => [place.key.slice(place.key.indexOf(".") + 1), place] as const,
    ),
  );
}

function switched(plugins: readonly (readonly [string, RulePlace])[], on: boolean): Compiled["settings"] {
  return { enabledPlugins: Object.fromEntries(plugins.map(([id]) => [id, on])) };
}

function githubLosses(
  plugins: readonly (readonly [string, RulePlace])[],
  agent: "copilot" | "vscode",
): readonly PolicyLoss[] {
  const [first] = plugins;
  if (agent === "vscode")
    return first === undefined
      ? []
      : [stricter(first[1], "VS Code takes `enabledPlugins` for the list of all plugins that may be on")];
  const reason = "Copilot CLI 1.0.102 switches plugins on and off all the same, whatever the file says";
  return plugins.map(([, place]) =>
    weaker(place, reason, "take what is not to run out of its catalog, or its marketplace out of the allow list"),
  );
}
