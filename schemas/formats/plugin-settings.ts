import type { PluginFormat } from "../plugin-manifest.ts";
import type { FileTree } from "./file-tree.ts";
import type { Findings } from "./findings.ts";
import { readJsonFile } from "./json-file.ts";
import { isRecord } from "../record.ts";
import type { Located } from "./json-file.ts";
import { baseField } from "./manifest-basis.ts";
import type { ManifestBasis } from "./manifest-basis.ts";

/** The settings that a plugin can bring (formats.md §1.2). */
const SETTINGS_KEYS: readonly string[] = ["agent", "subagentStatusLine"];
const SETTINGS_FILE = "settings.json";

/** The settings a plugin brings: those of its root `settings.json` when that sets one with an effect, else those of its manifest. */
export function readSettings(
  tree: FileTree,
  basis: ManifestBasis,
  format: PluginFormat,
  findings: Findings,
): Readonly<Record<string, unknown>> {
  const hasFile = (format === "claude-code" || format === "entry") && tree.stat(SETTINGS_FILE)?.kind === "file";
  const file = hasFile ? effective(readJsonFile(tree, SETTINGS_FILE, findings, "settings"), findings) : {};
  if (Object.keys(file).length > 0) return file;
  return effective(baseField(basis, ["settings"]), findings);
}

function effective(located: Located | undefined, findings: Findings): Readonly<Record<string, unknown>> {
  const kept: Record<string, unknown> = {};
  if (located === undefined || !isRecord(located.value)) return kept;
  for (const [key, value] of Object.entries(located.value)) {
    if (SETTINGS_KEYS.includes(key)) kept[key] = value;
    else
      findings.warn("W_SETTING", `plugin setting \`${key}\` has no effect`, located.where([key], "key"), {
        hint: `only ${SETTINGS_KEYS.map((name) => `\`${name}\``).join(" and ")} do`,
      });
  }
  return kept;
}
