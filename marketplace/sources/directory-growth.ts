import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** How much a repository's object directory has grown since a command began. */
export interface DirectoryGrowth {
  bytes(): number;
  /** Removes the half-written packs that appeared meanwhile. */
  removePartial(): void;
}

/** Watches `<gitDirectory>/objects`; git writes a pack that arrives as `objects/pack/tmp_pack_*`. */
export function growthOf(gitDirectory: string): DirectoryGrowth {
  const packs = join(gitDirectory, "objects", "pack");
  const before = new Map(filesOf(packs));
  return {
    bytes: () => {
      let bytes = 0;
      for (const [name, size] of filesOf(packs)) bytes += size - (before.get(name) ?? 0);
      return bytes;
    },
    removePartial: () => {
      for (const [name] of filesOf(packs)) {
        if (name.startsWith("tmp_") && !before.has(name)) rmSync(join(packs, name), { force: true });
      }
    },
  };
}

function filesOf(directory: string): readonly (readonly [name: string, bytes: number])[] {
  const names = readNames(directory);
  const files: (readonly [string, number])[] = [];
  for (const name of names) {
    const found = statSync(join(directory, name), { throwIfNoEntry: false });
    if (found?.isFile() === true) files.push([name, found.size]);
  }
  return files;
}

function readNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    // Absent until the first pack arrives.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
