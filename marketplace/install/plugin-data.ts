import { cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Generation } from "../../schemas/generation.ts";
import { dataFolderName } from "../../schemas/names.ts";
import type { Home } from "../home.ts";

/** What a commit means for the data of plugins. */
export interface DataChange {
  /** Old id → new id of plugins that go by another name now. */
  readonly renames: ReadonlyMap<string, string>;
  /** Ids whose data is deleted once no root holds them any more. */
  readonly forgotten: readonly string[];
}

/**
 * Lets the data of plugins follow a commit: what was renamed finds its data under the new name, unless there is some already.
 * The caller holds the home and `current` was just committed, so a failure takes nothing back: it is returned as a remark.
 */
export function settleData(home: Home, change: DataChange, current: Generation): readonly string[] {
  const installed = new Set(Object.values(current.roots).flatMap((root) => root.plugins.map(({ id }) => id)));
  const kept = new Set([...installed].map((id) => dataFolderName(id)));
  const remarks: string[] = [];
  const attempt = (what: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      remarks.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  for (const [from, to] of change.renames) {
    if (!installed.has(to)) continue;
    const place = join(home.data, dataFolderName(to));
    attempt(`the data of \`${from}\` could not be given to \`${to}\`; copy it to \`${place}\``, () =>
      carry(home, dataFolderName(from), dataFolderName(to), kept.has(dataFolderName(from))),
    );
  }
  for (const id of change.forgotten) {
    const name = dataFolderName(id);
    if (kept.has(name)) continue;
    const place = join(home.data, name);
    attempt(`the data of \`${id}\` could not be deleted; delete \`${place}\` yourself`, () => forget(home, name));
  }
  return remarks;
}

function carry(home: Home, from: string, to: string, isStillUsed: boolean): void {
  const [old, next] = [join(home.data, from), join(home.data, to)];
  if (!existsSync(old) || existsSync(next)) return;
  if (!isStillUsed) {
    renameSync(old, next);
    return;
  }
  const copy = join(home.data, ".copy");
  rmSync(copy, { recursive: true, force: true });
  try {
    cpSync(old, copy, { recursive: true, verbatimSymlinks: true });
    renameSync(copy, next);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Renamed first, so that no half of it is ever found by a plugin that comes back. */
function forget(home: Home, name: string): void {
  const [place, gone] = [join(home.data, name), join(home.data, ".gone")];
  rmSync(gone, { recursive: true, force: true });
  if (!existsSync(place)) return;
  renameSync(place, gone);
  rmSync(gone, { recursive: true, force: true });
}
