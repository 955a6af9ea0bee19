import { realpathSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";

/** An input whose path fields are absolute, as listeners and rules are promised; `~` is left to the tool. */
export function withAbsolutePaths(input: unknown, fields: readonly string[], directory: string): unknown {
  if (fields.length === 0 || typeof input !== "object" || input === null) return input;
  const changed = Object.entries(input).map(([key, value]: [string, unknown]) => [
    key,
    fields.includes(key) ? absolute(value, directory) : value,
  ]);
  return Object.fromEntries(changed) as unknown;
}

/** The real paths of what a call was given and what it says it touched. */
export function touchedFiles(input: unknown, fields: readonly string[], touched: readonly string[]): readonly string[] {
  // Any object can be looked into by name.
  const values = typeof input === "object" && input !== null ? (input as Readonly<Record<string, unknown>>) : {};
  const named = fields.flatMap((field) => values[field]).filter((value) => typeof value === "string");
  const paths = [...named, ...touched].filter((path) => isAbsolute(path));
  return [...new Set(paths.map(real))];
}

function absolute(value: unknown, directory: string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => absolute(item, directory));
  if (typeof value !== "string" || value === "" || value.startsWith("~")) return value;
  return isAbsolute(value) ? value : resolve(directory, value);
}

/** Where a path leads; one that leads nowhere stands for itself. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
