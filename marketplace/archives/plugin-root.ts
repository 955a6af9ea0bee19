import type { ArchiveFile } from "./members.ts";

const MARKS: readonly string[] = [".claude-plugin/plugin.json", "plugin.json", "SKILL.md"];
/** Folders that make a plugin without a manifest. */
const COMPONENTS: ReadonlySet<string> = new Set([
  ".claude-plugin",
  "skills",
  "commands",
  "agents",
  "hooks",
  "output-styles",
]);

/** The files of the plugin in an archive: at its top, or in the one folder that everything lies in (formats.md §2.3). */
export function pluginFilesOf(files: ReadonlyMap<string, ArchiveFile>): ReadonlyMap<string, ArchiveFile> {
  if (MARKS.some((file) => files.has(file))) return files;
  const tops = new Set([...files.keys()].map((path) => path.split("/", 1)[0] ?? ""));
  const [top = ""] = tops;
  if (tops.size !== 1 || files.has(top) || COMPONENTS.has(top)) return files;
  return new Map([...files].map(([path, file]) => [path.slice(top.length + 1), file]));
}
