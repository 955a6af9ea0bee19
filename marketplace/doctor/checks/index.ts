import type { Check } from "../finding.ts";
import { catalogs } from "./catalogs.ts";
import { clock } from "./clock.ts";
import { current } from "./current.ts";
import { fileSystem } from "./file-system.ts";
import { foreignFiles } from "./foreign-files.ts";
import { generations } from "./generations.ts";
import { indexRecords } from "./index-records.ts";
import { journal } from "./journal.ts";
import { leftovers } from "./leftovers.ts";
import { permissions } from "./permissions.ts";
import { roots } from "./roots.ts";
import { trees } from "./trees.ts";

/** What is compared byte by byte, in the order in which it is mended: what names something before what it names. */
export const INTEGRITY_CHECKS: readonly Check[] = [journal, current, generations, catalogs, roots, indexRecords, trees];

/** Everything that can be wrong with a home. */
export const HOME_CHECKS: readonly Check[] = [
  fileSystem,
  permissions,
  ...INTEGRITY_CHECKS,
  leftovers,
  foreignFiles,
  clock,
];
