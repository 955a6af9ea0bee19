import validRange from "semver/ranges/valid.js";
import { parseDependency } from "../dependency.ts";
import type { PluginDependency } from "../plugin-manifest.ts";
import type { Findings } from "./findings.ts";
import type { Located } from "./json-file.ts";

/**
 * Reads the `dependencies` of a manifest (formats.md §3.1). What is not valid is an error that drops the plugin: a dependency
 * is never forgotten in silence.
 */
export function readDependencies(list: Located, findings: Findings): readonly PluginDependency[] {
  if (!Array.isArray(list.value)) return [];
  return list.value.flatMap((raw: unknown, index) => {
    const where = list.where([index]);
    const parsed = parseDependency(raw);
    if ("problem" in parsed) {
      findings.error("E_MANIFEST", `dependency ${index + 1} ${parsed.problem}`, where, {
        hint: "write `name`, `name@marketplace` or an object with `name`",
        dropped: "plugin",
      });
      return [];
    }
    if (validRange(parsed.range) === null) {
      findings.error("E_RANGE", `\`${parsed.range}\`, wanted of \`${parsed.name}\`, is not a version range`, where, {
        hint: "write a range such as `^1.2.0`",
        dropped: "plugin",
      });
    }
    return [{ ...parsed, where }];
  });
}
