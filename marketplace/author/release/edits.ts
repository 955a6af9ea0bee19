import { isRecord } from "../../../schemas/record.ts";
import { editJson } from "../../../schemas/settings-edit.ts";
import { CATALOG, MANIFESTS } from "./author-plugins.ts";
import { withSection } from "./changelog.ts";
import { inside, type Proposal } from "./proposal.ts";

/** New texts of files by their path from the top of the repository, for all releases together; everything else in them stays. */
export function releaseEdits(
  proposals: readonly Proposal[],
  textOf: (path: string) => string | undefined,
  date: string,
): ReadonlyMap<string, string> {
  const edited = new Map<string, string>();
  const current = (path: string): string | undefined => edited.get(path) ?? textOf(path);
  const setVersion = (path: string, at: readonly (string | number)[], version: string): void => {
    const text = current(path);
    if (text === undefined) return;
    const changed = editJson(text, [{ path: at, value: version }], path);
    if (changed !== text) edited.set(path, changed);
  };
  for (const proposal of proposals) {
    const { plugin, to } = proposal;
    const manifest = MANIFESTS.map((name) => inside(plugin.folder, name)).find((path) => current(path) !== undefined);
    if (manifest !== undefined) setVersion(manifest, ["version"], to);
    const isPackage = hasVersion(current(inside(plugin.folder, "package.json")));
    if (isPackage) setVersion(inside(plugin.folder, "package.json"), ["version"], to);
    const { entry, entryAt = -1 } = plugin;
    if (entryAt >= 0 && (manifest === undefined || entry?.version !== undefined)) {
      setVersion(CATALOG, ["plugins", entryAt, "version"], to);
    }
    const changelog = inside(plugin.folder, "CHANGELOG.md");
    const before = current(changelog);
    const after = withSection(before, proposal, date);
    if (after !== before) edited.set(changelog, after);
  }
  return edited;
}

function hasVersion(text: string | undefined): boolean {
  if (text === undefined) return false;
  const json: unknown = JSON.parse(text);
  return isRecord(json) && typeof json["version"] === "string";
}
