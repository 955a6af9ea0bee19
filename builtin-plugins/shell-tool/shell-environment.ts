import { delimiter, dirname, join } from "node:path";
import type { Contributed, FileContribution } from "plugsmith/plugin-api";

/** The person's environment, with the executables of plugins behind everything that PATH had. */
export function shellEnvironment(
  environment: Readonly<Record<string, string>>,
  bins: readonly Contributed<FileContribution>[],
): Readonly<Record<string, string>> {
  const folders = new Set(bins.map(({ plugin, value }) => dirname(join(plugin.directory, value.file))));
  const path = [...(environment["PATH"] ?? "").split(delimiter), ...folders].filter((folder) => folder !== "");
  return { ...environment, PATH: path.join(delimiter) };
}
