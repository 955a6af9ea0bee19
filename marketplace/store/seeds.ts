import { lstatSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { isCodedError } from "../../schemas/errors.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import type { Digest } from "../../schemas/lockfile.ts";
import { treeDigest } from "../../schemas/tree-digest.ts";
import type { Services } from "../services.ts";
import { DEFAULT_TREE_LIMITS } from "./member-rules.ts";
import { scanTree } from "./tree-scan.ts";

/**
 * A tree of a seed store, whole; `undefined` when no seed has it. `PLUGSMITH_SEED_STORE` lists homes, or their `store` directories, that are
 * only ever read, e.g. from the layer of a container image. A tree there that is not what its name says is told of and passed over.
 */
export function seededTree(
  digest: Digest,
  { environment, openTree, remark }: Pick<Services, "environment" | "openTree" | "remark">,
): FileTree | undefined {
  for (const seed of seedsOf(environment, remark)) {
    const place = [join(seed, "trees", digest), join(seed, "store", "trees", digest)].find(isDirectory);
    if (place === undefined) continue;
    const tree = openTree(place);
    const problem = problemOf(tree, digest);
    if (problem === undefined) return tree;
    remark(`the seeded tree \`${place}\` is not used: ${problem}`);
  }
  return undefined;
}

function seedsOf(environment: Services["environment"], remark: Services["remark"]): readonly string[] {
  const written = (environment["PLUGSMITH_SEED_STORE"] ?? "").split(delimiter).filter((seed) => seed !== "");
  for (const seed of written)
    if (!isAbsolute(seed)) remark(`\`${seed}\` of \`PLUGSMITH_SEED_STORE\` is not used: it is not an absolute path`);
  return written.filter(isAbsolute);
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function problemOf(tree: FileTree, digest: Digest): string | undefined {
  try {
    const { members } = scanTree(tree, { limits: DEFAULT_TREE_LIMITS, onFile: () => undefined });
    const got = treeDigest(members);
    return got === digest ? undefined : `its content is \`${got}\``;
  } catch (error) {
    if (isCodedError(error)) return error.message;
    throw error;
  }
}
