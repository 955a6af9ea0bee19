import { posix } from "node:path";

import { readManifestHead } from "../../schemas/formats/index.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import { GitTreePlan, lookUp } from "./git-tree.ts";
import type { Repository } from "./repository.ts";
import type { RefRequest } from "./transfer.ts";

/** The files that name a plugin's version and dependencies. */
export const MANIFEST_FILES: readonly string[] = [".claude-plugin/plugin.json", "plugin.json"];

/** Above any of these, only what is wanted is listed and files are fetched by name. */
const MODEST_ENTRIES = 200;
const MODEST_FILES = 1_500;
/** Files outside the plugins' directories, plus one for every four inside. */
const MODEST_REST = 20;

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
  if (relative.length <= MODEST_ENTRIES && (await isModest(repository, snapshot, relative))) {
    return { tagsOf: [...new Set([...relative.map((entry) => entry.name), ...wanted])], small: true };
  }
  if (repository.listedSome() && relative.length <= MODEST_FILES) {
    // Asked a second time: whoever asks walks the whole catalog, and one look at everything is cheaper than many.
    await wantManifests(repository, placesOf(snapshot, relative));
    return { tagsOf: relative.map((entry) => entry.name), small: false };
  }
  return { tagsOf: await closure(repository, snapshot, relative, wanted), small: false };
}

/** Whether a repository holds little beside its plugins, so that fetching its small files wastes nothing. */
async function isModest(
  repository: Repository,
  snapshot: CatalogSnapshot,
  plugins: readonly CatalogEntry[],
): Promise<boolean> {
  const { root } = snapshot;
  const commit = root.kind === "git" ? await repository.commit(root.commit) : undefined;
  if (commit === undefined || root.kind !== "git") return false;
  const directories = new Set(
    plugins.map(({ source }) => (source.kind === "relative" ? posix.join("/", root.path, source.path) : "")),
  );
  let level = [{ oid: commit.tree, path: "/", inside: directories.has("/") }];
  let [inside, outside] = [0, 0];
  while (level.length > 0) {
    const listings = await repository.trees(level.map((directory) => directory.oid));
    const next: typeof level = [];
    for (const [index, directory] of level.entries()) {
      for (const entry of listings[index] ?? []) {
        const path = posix.join(directory.path, entry.name);
        if (entry.kind === "directory")
          next.push({ oid: entry.oid, path, inside: directory.inside || directories.has(path) });
        else if (directory.inside) inside += 1;
        else outside += 1;
      }
    }
    if (inside + outside > MODEST_FILES) return false;
    level = next;
  }
  return outside <= MODEST_REST + inside / 4;
}

/** The wanted names and what their current manifests depend on, found with two fetches of manifests: theirs, then all others. */
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
    await repository.ensureBlobs(plans.flatMap(({ plan }) => plan.oidsOf(MANIFEST_FILES)));
    level = [];
    for (const { entry, plan } of plans) {
      await plan.settle();
      const { tree } = await plan.open(false, MANIFEST_FILES);
      for (const { name, market } of readManifestHead(tree, { entry }).dependencies) {
        if (market === undefined && byName.has(name) && !names.has(name)) level.push(name);
      }
    }
    if (level.length > 0 && entries.length <= MODEST_FILES)
      await wantManifests(repository, placesOf(snapshot, entries));
    level = [...new Set(level)];
  }
  return [...names];
}

function placesOf(
  { root }: CatalogSnapshot,
  entries: readonly CatalogEntry[],
): readonly { readonly commit: string; readonly path: string }[] {
  if (root.kind !== "git") return [];
  const { commit, path } = root;
  return entries.flatMap(({ source }) =>
    source.kind === "relative" ? [{ commit, path: posix.join(path, source.path) }] : [],
  );
}

/** Manifests of these directories at these commits, fetched in one batch when any is missing. */
export async function wantManifests(
  repository: Repository,
  places: readonly { readonly commit: string; readonly path: string }[],
): Promise<void> {
  await repository.ensureBlobs(await manifestsOf(repository, places));
}

/** Whether the small files of a marketplace's plugins have come already, by their manifests. */
export async function areManifestsHere(repository: Repository, snapshot: CatalogSnapshot): Promise<boolean> {
  const oids = await manifestsOf(repository, placesOf(snapshot, snapshot.catalog.entries));
  return oids.length > 0 && (await repository.blobs(oids)).size === new Set(oids).size;
}

async function manifestsOf(
  repository: Repository,
  places: readonly { readonly commit: string; readonly path: string }[],
): Promise<readonly string[]> {
  const oids: string[] = [];
  for (const { commit, path } of places) {
    const found = await repository.commit(commit);
    if (found === undefined) continue;
    for (const file of MANIFEST_FILES) {
      const manifest = await lookUp(repository, found.tree, posix.join(path, file));
      if (manifest !== undefined && manifest !== "escapes" && manifest.kind !== "directory") oids.push(manifest.oid);
    }
  }
  return oids;
}
