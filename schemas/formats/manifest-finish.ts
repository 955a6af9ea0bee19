import type { Contribution, PluginManifest } from "../plugin-manifest.ts";
import type { Findings } from "./findings.ts";
import type { ManifestFacts } from "./manifest-facts.ts";
import type { ReadPluginOptions } from "./read-context.ts";

/** The order of kinds in a manifest. */
const CONTRIBUTION_ORDER: readonly Contribution["kind"][] = [
  "skill",
  "command",
  "agent",
  "hook",
  "mcp",
  "lsp",
  "monitor",
  "output-style",
  "workflow",
  "theme",
  "mod",
  "bin",
];

/** Orders and freezes; `undefined` when the plugin was given up, or `strict` is asked for and something was dropped. */
export function finishManifest(
  facts: ManifestFacts,
  contributions: readonly Contribution[],
  options: ReadPluginOptions,
  findings: Findings,
): PluginManifest | undefined {
  reportDoubles(contributions, findings);
  if (findings.all().some(({ dropped }) => dropped === "plugin")) return undefined;
  if (options.strict === true && findings.all().some(({ dropped }) => dropped !== undefined)) {
    findings.error(
      "E_MANIFEST",
      "a component was dropped and strict reading was asked for",
      { file: "" },
      { hint: "correct the findings above", dropped: "plugin" },
    );
    return undefined;
  }
  const ordered = CONTRIBUTION_ORDER.flatMap((kind) => {
    const list = contributions.filter((contribution) => contribution.kind === kind);
    return kind === "hook" ? list : list.sort(byName);
  });
  return freeze({ ...facts, contributions: ordered });
}

function byName(a: Contribution, b: Contribution): number {
  const left = sortKey(a);
  const right = sortKey(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function sortKey(contribution: Contribution): string {
  if (contribution.kind === "hook") return "";
  const file = "file" in contribution ? (contribution.file ?? "") : "";
  return `${contribution.name}\0${file}`;
}

function reportDoubles(contributions: readonly Contribution[], findings: Findings): void {
  const seen = new Map<string, Contribution>();
  for (const contribution of contributions) {
    if (contribution.kind !== "skill" && contribution.kind !== "command" && contribution.kind !== "agent") continue;
    const key = `${contribution.kind} ${contribution.name}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, contribution);
    else {
      const other = "file" in first && first.file !== undefined ? `, also in \`${first.file}\`` : "";
      findings.warn(
        "W_NAME_DOUBLE",
        `${contribution.kind} \`${contribution.name}\` stands twice in this plugin${other}`,
        { file: contribution.file ?? "" },
        { hint: "rename one of them" },
      );
    }
  }
}

function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) freeze(item);
  return Object.freeze(value);
}
