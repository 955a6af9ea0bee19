import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

import { catalogFromSnapshot, catalogToSnapshot } from "../../schemas/catalog-snapshot.ts";
import type { Diagnosed, Diagnostic } from "../../schemas/diagnostic.ts";
import type { Catalog } from "../../schemas/marketplace.ts";
import { readBytesIfPresent, readIfPresent, replaceFile } from "./registry.ts";

/** Snapshots kept of one marketplace beside the ones in use. */
const KEPT = 4;

/** Validated catalogs on disk: `<marketplaces>/<name>/<revision>.json`, findings beside it when there are any. */
export class SnapshotStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** A snapshot; `undefined` when it is not there. Throws `E_STATE_CORRUPT`. */
  read(name: string, revision: string): Diagnosed<Catalog> | undefined {
    const file = this.#file(name, revision);
    const bytes = readBytesIfPresent(file);
    if (bytes === undefined) return undefined;
    const findings = readIfPresent(this.#findings(name, revision));
    return {
      value: catalogFromSnapshot(bytes, file),
      diagnostics: findings === undefined ? [] : readFindings(findings),
    };
  }

  write(name: string, revision: string, { value, diagnostics }: Diagnosed<Catalog>): void {
    mkdirSync(join(this.#directory, name), { recursive: true, mode: 0o700 });
    if (diagnostics.length > 0) replaceFile(this.#findings(name, revision), `${JSON.stringify(diagnostics)}\n`);
    else rmSync(this.#findings(name, revision), { force: true });
    replaceFile(this.#file(name, revision), catalogToSnapshot(value));
  }

  /** Removes all but `used` and the newest few others. */
  prune(name: string, used: ReadonlySet<string>): void {
    const directory = join(this.#directory, name);
    const found = Map.groupBy(readdirSync(directory), (file) => file.replace(/(?:\.findings)?\.json$/u, ""));
    const others = [...found.keys()]
      .filter((revision) => !used.has(revision))
      .map((revision) => ({ revision, written: writtenAt(this.#file(name, revision)) }))
      .sort((left, right) => right.written - left.written);
    for (const { revision } of others.slice(KEPT)) {
      for (const file of found.get(revision) ?? []) rmSync(join(directory, file), { force: true });
    }
  }

  remove(name: string): void {
    rmSync(join(this.#directory, name), { recursive: true, force: true });
  }

  #file(name: string, revision: string): string {
    return join(this.#directory, name, `${revision}.json`);
  }

  #findings(name: string, revision: string): string {
    return join(this.#directory, name, `${revision}.findings.json`);
  }
}

/** Written by `write` above and only shown to people, who do without them when the file is damaged. */
function readFindings(text: string): readonly Diagnostic[] {
  try {
    return JSON.parse(text) as readonly Diagnostic[];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Milliseconds since 1970; what vanished counts as oldest. */
function writtenAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
