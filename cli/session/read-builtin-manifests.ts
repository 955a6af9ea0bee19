import { readdirSync } from "node:fs";
import { join } from "node:path";
import { openDirectoryTree } from "../../core/platform/disk-file-tree.ts";
import { CodedError } from "../../schemas/errors.ts";
import { readPlugin } from "../../schemas/formats/index.ts";
import type { BuiltinManifests } from "./builtin-manifests.ts";

/** Reads the built-in plugins of a folder as any plugin is read. Throws `E_MANIFEST`. */
export function readBuiltinManifests(directory: string): BuiltinManifests {
  const folders = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return Object.fromEntries(
    folders.map(({ name }) => {
      const { manifest, diagnostics } = readPlugin(openDirectoryTree(join(directory, name)));
      const problem = diagnostics.find(({ severity }) => severity === "error");
      if (manifest !== undefined && problem === undefined) return [name, manifest];
      throw new CodedError(
        "E_MANIFEST",
        `the built-in \`${name}\` cannot be read: ${problem?.message ?? "no manifest"}`,
      );
    }),
  );
}
