import { type CodedError, isCodedError } from "../../schemas/errors.ts";
import type { Catalogs } from "./catalogs.ts";
import type { CatalogSnapshot } from "./snapshot.ts";

/** The newest good copy of every marketplace, and why others have none. */
export interface ReadableCatalogs {
  readonly snapshots: readonly CatalogSnapshot[];
  readonly problems: readonly CodedError[];
}

/** Reads every catalog; one that cannot be read hinders nothing that the others have. Throws `E_INTERRUPTED`. */
export async function readableCatalogs(catalogs: Catalogs): Promise<ReadableCatalogs> {
  const snapshots: CatalogSnapshot[] = [];
  const problems: CodedError[] = [];
  for (const { name } of catalogs.list()) {
    try {
      snapshots.push(await catalogs.get(name));
    } catch (error) {
      if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
      problems.push(error);
    }
  }
  return { snapshots, problems };
}

/** A problem as a remark. */
export function problemText({ message, hint }: CodedError): string {
  return hint === undefined ? message : `${message}; ${hint}`;
}
