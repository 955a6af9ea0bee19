import semver from "semver";
import { NAME_PATTERN } from "../claude-plugin.ts";
import type { PluginDependency } from "../plugin-manifest.ts";
import type { Findings } from "./findings.ts";
import type { Located } from "./json-file.ts";
import { isRecord, locatedAt } from "./json-file.ts";

/** Longest version range that is accepted (attacks.md §0). */
export const MAX_RANGE_LENGTH = 256;

/**
 * Reads a `dependencies` list (formats.md §3.1): `name`, `name@market`, `name@^1`, `name@market@^1` or an object. What is not
 * valid is an error without `dropped`: a dependency is never forgotten in silence, so the plugin is unusable until it is corrected.
 */
export function readDependencies(list: Located, findings: Findings): readonly PluginDependency[] {
  if (!Array.isArray(list.value)) return [];
  return list.value.flatMap((item: unknown, index) => {
    const located = locatedAt(list, [index]);
    const parts = typeof item === "string" ? splitDependency(item) : isRecord(item) ? objectParts(item) : undefined;
    const where = located.where();
    if (
      parts === undefined ||
      !NAME_PATTERN.test(parts.name) ||
      (parts.market !== undefined && !NAME_PATTERN.test(parts.market))
    ) {
      findings.error("E_NAME", `dependency \`${JSON.stringify(item).slice(0, 120)}\` does not name a plugin`, where, {
        hint: "write `name`, `name@marketplace` or an object with `name`",
      });
      return [];
    }
    const range = parts.range ?? "*";
    if (range.length > MAX_RANGE_LENGTH) {
      findings.error(
        "E_LIMIT_RANGE",
        `the range of dependency \`${parts.name}\` has ${range.length} characters`,
        where,
        { hint: `use at most ${MAX_RANGE_LENGTH}` },
      );
    } else if (semver.validRange(range) === null) {
      findings.error("E_RANGE", `\`${range}\`, wanted of \`${parts.name}\`, is not a version range`, where, {
        hint: "write a range such as `^1.2.0`",
      });
    }
    return [{ name: parts.name, ...(parts.market !== undefined && { market: parts.market }), range, where }];
  });
}

interface DependencyParts {
  readonly name: string;
  readonly market?: string | undefined;
  readonly range?: string | undefined;
}

function splitDependency(text: string): DependencyParts | undefined {
  const [name = "", first, second, ...rest] = text.split("@");
  if (rest.length > 0) return undefined;
  if (first === undefined) return { name };
  if (second !== undefined) return { name, market: first, range: second };
  return /^[\^~<>=*]|^v?\d+(?:\.|$)/.test(first) ? { name, range: first } : { name, market: first };
}

function objectParts(item: Readonly<Record<string, unknown>>): DependencyParts | undefined {
  const { name, version, marketplace } = item;
  if (typeof name !== "string") return undefined;
  const [bare = "", market] = name.split("@");
  const named = typeof marketplace === "string" ? marketplace : market;
  return {
    name: bare,
    ...(named !== undefined && { market: named }),
    ...(typeof version === "string" && version.trim() !== "" && { range: version }),
  };
}
