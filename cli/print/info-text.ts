import type { PlanExecutable } from "../../marketplace/plan/plan.ts";
import type { LauncherState } from "../../schemas/launchers/launcher-state.ts";
import type { Contribution, PluginManifest } from "../../schemas/plugin-manifest.ts";
import { counted, kindWord } from "./amount.ts";
import { executableLines } from "./executable-text.ts";
import { bold, columns, dim } from "./style.ts";

const MAX_DESCRIPTION = 100;

/** The first sentence or so of a description. */
export function shortened(text: string | undefined): string {
  const line = (text ?? "").replaceAll(/\s+/gu, " ").trim();
  const characters = [...line];
  return characters.length <= MAX_DESCRIPTION ? line : `${characters.slice(0, MAX_DESCRIPTION - 3).join("")}...`;
}

/** `label  value` lines; rows without a value are left out. */
export function factLines(facts: readonly (readonly [label: string, value: string | undefined])[]): readonly string[] {
  return columns(
    facts.flatMap(([label, value]) => (value === undefined || value === "" ? [] : [[dim(label), value]])),
    "  ",
  );
}

/** A contribution as lists name it. */
export function contributionName(contribution: Contribution): string {
  if (contribution.kind !== "hook") return contribution.name;
  return contribution.matcher === undefined ? contribution.event : `${contribution.event} (${contribution.matcher})`;
}

function contributionText(contribution: Contribution): string {
  return "description" in contribution ? shortened(contribution.description) : "";
}

/** What a plugin adds, by kind. */
export function inventoryLines(manifest: PluginManifest, disabled: readonly string[] = []): readonly string[] {
  const lines: string[] = [];
  for (const [kind, contributions] of Map.groupBy(manifest.contributions, (one) => one.kind)) {
    lines.push("", bold(kindWord(kind, contributions.length)));
    lines.push(
      ...columns(
        contributions.map((one) => {
          const name = contributionName(one);
          return [disabled.includes(`${kind}/${name}`) ? `${name} (switched off)` : name, dim(contributionText(one))];
        }),
        "  ",
      ),
    );
  }
  return lines;
}

/** What the commands of an installed plugin download and start. */
export function launcherLines(launchers: readonly LauncherState[]): readonly string[] {
  if (launchers.length === 0) return [];
  return ["", bold("launchers"), ...launchers.map((launcher) => `  ${launcher.component}: ${launcherText(launcher)}`)];
}

function launcherText(launcher: LauncherState): string {
  if ("locked" in launcher) {
    const others = launcher.count - launcher.locked.length;
    const rest = others === 0 ? "" : ` with ${counted(others, "other package")}`;
    return `locked to ${launcher.locked.join(", ")}${rest}, starts from the store`;
  }
  if ("image" in launcher) return `locked to the image ${launcher.image}, which the container engine keeps`;
  const hint = launcher.hint === undefined ? "" : `; ${launcher.hint}`;
  if ("unlocked" in launcher) return `unlocked, each start may run other code: ${launcher.unlocked}${hint}`;
  return `locked and not installed, so it is not started: ${launcher.missing}${hint}`;
}

/** Everything that can execute, with full commands. */
export function executionLines(executables: readonly PlanExecutable[]): readonly string[] {
  return executables.length === 0 ? [] : ["", bold("can execute"), ...executableLines(executables, "  ")];
}
