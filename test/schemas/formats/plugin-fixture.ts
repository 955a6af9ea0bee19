import type { CatalogEntry, Contribution, PluginManifest } from "../../../schemas/plugin-manifest.ts";
import { memoryTree, readPlugin } from "../../../schemas/formats/index.ts";
import type { MemoryFile, PluginReading, ReadPluginOptions } from "../../../schemas/formats/index.ts";

/** A catalog entry with the fields that are given. */
export function entryOf(raw: Readonly<Record<string, unknown>>): CatalogEntry {
  return {
    name: "listed",
    source: { kind: "relative", path: "plugins/listed" },
    strict: raw["strict"] !== false,
    tags: [],
    dependencies: [],
    raw: { name: "listed", source: "./plugins/listed", ...raw },
    where: { file: ".claude-plugin/marketplace.json", line: 7, column: 5 },
  };
}

/** Files of a plugin; `manifest` becomes `.claude-plugin/plugin.json`. */
export function filesOf(
  manifest: object | undefined,
  files: Readonly<Record<string, MemoryFile>> = {},
): Readonly<Record<string, MemoryFile>> {
  return manifest === undefined ? files : { ".claude-plugin/plugin.json": JSON.stringify(manifest), ...files };
}

/** Reads a plugin out of memory. */
export function readOf(
  manifest: object | undefined,
  files: Readonly<Record<string, MemoryFile>> = {},
  options: ReadPluginOptions = {},
): PluginReading {
  return readPlugin(memoryTree(filesOf(manifest, files)), options);
}

/** `kind name` of every contribution; hooks as `hook Event command`. */
export function namesOf(manifest: PluginManifest | undefined): readonly string[] {
  return (manifest?.contributions ?? []).map(nameOf);
}

function nameOf(contribution: Contribution): string {
  if (contribution.kind !== "hook") return `${contribution.kind} ${contribution.name}`;
  const { handler } = contribution;
  return `hook ${contribution.event} ${handler.type === "command" ? handler.command : handler.type}`;
}

/** `code file:line` of every finding. */
export function findingsOf(reading: PluginReading): readonly string[] {
  return reading.diagnostics.map(({ code, file, line }) => `${code} ${file ?? ""}:${line ?? 0}`);
}

/** A document with front matter. */
export function markdown(name: string, description = `does ${name}`): string {
  return `---\nname: ${name}\ndescription: ${description}\n---\ntext\n`;
}

/** A hook file with one command. */
export function hookFile(event: string, command: string): string {
  return JSON.stringify({ hooks: { [event]: [{ hooks: [{ type: "command", command }] }] } });
}
