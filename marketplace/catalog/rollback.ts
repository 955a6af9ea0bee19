import compare from "semver/functions/compare.js";
import { CodedError } from "../../schemas/errors.ts";
import { parseGitUrl } from "../../schemas/identity.ts";
import type { Repositories } from "../sources/repositories.ts";
import { republication } from "../packages/packages.ts";
import type { LoadedCatalog } from "./load-catalog.ts";
import type { MarketplaceRecord } from "./registry.ts";
import type { CatalogRoot } from "./snapshot.ts";

type PackageRoot = Extract<CatalogRoot, { readonly kind: "npm" }>;

/** A registry's tag that went back, or a release with other bytes than before. */
function refuseOlderRelease(name: string, was: PackageRoot, is: PackageRoot): void {
  const problem = republication(was, is);
  if (problem !== undefined) throw problem;
  if (compare(is.version, was.version) >= 0) return;
  throw new CodedError(
    "E_MARKETPLACE_ROLLBACK",
    `marketplace \`${name}\` now serves release ${is.version}, older than ${was.version}`,
    { hint: `if its owner went back on purpose: \`plugin marketplace update ${name} --allow-rollback\`` },
  );
}

/**
 * Refuses a refresh to an older commit (attacks MK12) with `E_MARKETPLACE_ROLLBACK`. Caches hold no history, so the
 * commit's own date decides, unless the new commit's recent history shows the old one: then only clocks disagree.
 * A rewritten history with a newer date passes.
 */
export async function refuseRollback(
  record: MarketplaceRecord,
  loaded: LoadedCatalog,
  repositories: Repositories,
): Promise<void> {
  if (record.root.kind === "npm" && loaded.root.kind === "npm")
    refuseOlderRelease(record.name, record.root, loaded.root);
  const { committedAt } = record;
  if (loaded.root.kind !== "git" || loaded.committedAt === undefined || committedAt === undefined) return;
  if (loaded.committedAt >= committedAt) return;
  const repository = repositories.remote(parseGitUrl(loaded.root.url));
  if (await repository.descends(loaded.root.commit, record.revision)) return;
  const [was, is] = [committedAt, loaded.committedAt].map((time) => new Date(time * 1000).toISOString());
  throw new CodedError(
    "E_MARKETPLACE_ROLLBACK",
    `marketplace \`${record.name}\` now serves commit \`${loaded.revision.slice(0, 12)}\` of ${is}, older than \`${record.revision.slice(0, 12)}\` of ${was}`,
    { hint: `if its owner went back on purpose: \`plugin marketplace update ${record.name} --allow-rollback\`` },
  );
}
