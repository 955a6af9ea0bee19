import { posix } from "node:path";

import { readManifestHead } from "../../schemas/formats/index.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import { GitTreePlan, lookUp } from "./git-tree.ts";
import type { Repository } from "./repository.ts";
import type { RefRequest } from "./transfer.ts";

/** The files that name a plugin's version and dependencies. */
export const MANIFEST_FILES: readonly string[] = [".claude-plugin/plugin.json", "plugin.json"];

/** Above either, only what is wanted is listed and files are fetched by name. */
const MODEST_ENTRIES = 200;
const MODEST_FILES = 3_000;

/**
 * What one connection to a git marketplace's repository should bring so that everything in it can be resolved:
 * for a modest one the tags and small files of all its plugins, else the tags of what is wanted and of what that depends on.
 */
export async function marketRequest(
  repository: Repository,
  snapshot: CatalogSnapshot,
  wanted: readonly string[],
): Promise<Pick<RefRequest, "tagsOf" | "small">> {
  const relative = snapshot.catalog.entries.filter((entry) => entry.source.kind === "relative");
  if (relative.length <= MODEST_ENTRIES && (await isModest(repository, snapshot))) {
    return { tagsOf: [...new Set([...relative.map((entry) => entry.name), ...wanted])], small: true };
  }
  return { tagsOf: await closure(repository, snapshot, relative, wanted), small: false };
}

async function isModest(repository: Repository, snapshot: CatalogSnapshot): Promise<boolean> {
  const { root } = snapshot;
  const commit = root.kind === "git" ? await repository.commit(root.commit) : undefined;
  if (commit === undefined) return false;
  let level = [commit.tree];
  let files = 0;
  while (level.length > 0) {
    const listings = await repository.trees(level);
    level = [];
    for (const entry of listings.flat()) {
      if (entry.kind === "directory") level.push(entry.oid);
      else files += 1;
    }
    if (files > MODEST_FILES) return false;
  }
  return true;
}

/** The wanted names and what their current manifests depend on, found with at most one fetch of manifests a level. */
async function closure(
  repository: Repository,
  snapshot: CatalogSnapshot,
  entries: readonly CatalogEntry[],
  wanted: readonly string[],
): Promise<readonly string[]> {
  const { root } = snapshot;
  const commit = root.kind === "git" ? await repository.commit(root.commit) : undefined;
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const names = new Set<string>();
  let level = [...wanted];
  while (level.length > 0) {
    const plans: { readonly entry: CatalogEntry; readonly plan: GitTreePlan }[] = [];
    for (const name of level) {
      names.add(name);
      const entry = byName.get(name);
      if (commit === undefined || root.kind !== "git" || entry?.source.kind !== "relative") continue;
      const plan = await GitTreePlan.walk(repository, commit.tree, posix.join(root.path, entry.source.path));
      if (plan !== undefined) plans.push({ entry, plan });
    }
    await repository.wantBlobs(plans.flatMap(({ plan }) => plan.oidsOf(MANIFEST_FILES)));
    level = [];
    for (const { entry, plan } of plans) {
      await plan.settle();
      const { tree } = await plan.open(false, MANIFEST_FILES);
      for (const { name, market } of readManifestHead(tree, { entry }).dependencies) {
        if (market === undefined && byName.has(name) && !names.has(name)) level.push(name);
      }
    }
    level = [...new Set(level)];
  }
  return [...names];
}

/** Manifests of these directories at these commits, fetched in one batch when any is missing. */
export async function wantManifests(
  repository: Repository,
  places: readonly { readonly commit: string; readonly path: string }[],
): Promise<void> {
  const oids: string[] = [];
  for (const { commit, path } of places) {
    const found = await repository.commit(commit);
    if (found === undefined) continue;
    for (const file of MANIFEST_FILES) {
      const manifest = await lookUp(repository, found.tree, posix.join(path, file));
      if (manifest !== undefined && manifest !== "escapes" && manifest.kind !== "directory") oids.push(manifest.oid);
    }
  }
  await repository.wantBlobs(oids);
}
