import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { catalogFromSnapshot, catalogToSnapshot } from "../../schemas/catalog-snapshot.ts";
import type { Diagnosed, Diagnostic } from "../../schemas/diagnostic.ts";
import type { Catalog } from "../../schemas/marketplace.ts";
import { readIfPresent, replaceFile } from "./registry.ts";

/** Snapshots kept of one marketplace, the newest included. */
const KEPT = 5;

/** Validated catalogs on disk: `<marketplaces>/<name>/<revision>.json`, findings beside it when there are any. */
export class SnapshotStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** A snapshot; `undefined` when it is not there. Throws `E_STATE_CORRUPT`. */
  read(name: string, revision: string): Diagnosed<Catalog> | undefined {
    const file = this.#file(name, revision);
    const text = readIfPresent(file);
    if (text === undefined) return undefined;
    const findings = readIfPresent(this.#findings(name, revision));
    // Written by `write` below and only shown to people.
    const diagnostics = findings === undefined ? [] : (JSON.parse(findings) as readonly Diagnostic[]);
    return { value: catalogFromSnapshot(text, file), diagnostics };
  }

  write(name: string, revision: string, { value, diagnostics }: Diagnosed<Catalog>): void {
    mkdirSync(join(this.#directory, name), { recursive: true, mode: 0o700 });
    if (diagnostics.length > 0) replaceFile(this.#findings(name, revision), `${JSON.stringify(diagnostics)}\n`);
    else rmSync(this.#findings(name, revision), { force: true });
    replaceFile(this.#file(name, revision), catalogToSnapshot(value));
  }

  /** Removes all but the newest few. `current` always stays. */
  prune(name: string, history: readonly string[], current: string): void {
    const keep = new Set([current, ...history.slice(-KEPT)]);
    for (const file of readdirSync(join(this.#directory, name))) {
      const revision = file.replace(/(?:\.findings)?\.json$/u, "");
      if (!keep.has(revision)) rmSync(join(this.#directory, name, file), { force: true });
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
