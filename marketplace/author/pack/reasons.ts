import { executables } from "../../../schemas/formats/executables.ts";
import type { PluginManifest } from "../../../schemas/plugin-manifest.ts";

const PAPERS = /^(?:readme|changelog|licen[sc]e|copying|notice)(?:[.-][^/]*)?$/iu;

/** Why each file of a plugin is in its package, by what the manifest says about it. */
export function reasons(manifest: PluginManifest): (path: string) => string {
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const { file } of Object.values(manifest.provenance)) files.set(file, "manifest");
  for (const fact of executables(manifest)) {
    for (const file of fact.files) files.set(file, `run by ${fact.kind} \`${fact.name}\``);
  }
  for (const contribution of manifest.contributions) {
    const { kind } = contribution;
    if ("where" in contribution) files.set(contribution.where.file, `${kind === "hook" ? "hooks" : `${kind} servers`}`);
    if (!("file" in contribution) || contribution.file === undefined) continue;
    files.set(contribution.file, `${kind} \`${contribution.name}\``);
    if (kind === "skill" && contribution.path !== "")
      folders.set(`${contribution.path}/`, `skill \`${contribution.name}\``);
  }
  return (path) => {
    const known = files.get(path);
    if (known !== undefined) return known;
    for (const [folder, why] of folders) if (path.startsWith(folder)) return `beside ${why}`;
    if (path.startsWith("tests/")) return "prompts that it answers";
    return PAPERS.test(path) ? "for people" : "in the folder";
  };
}
