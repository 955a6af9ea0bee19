import type { AuditRecord } from "plugsmith/plugin-api";
import { CodedError } from "../../schemas/errors.ts";
import { nearest } from "../../schemas/names.ts";
import type { CatalogsOptions } from "./catalogs-options.ts";
import { type MarketplaceRecord, readRegistry, writeRegistry } from "./registry.ts";

/** The records of a home's marketplaces by name. */
export type RecordMap = ReadonlyMap<string, MarketplaceRecord>;

/** The registry as this process last saw it, and the one door to changing it. */
export class Records {
  readonly #directory: string;
  readonly #options: Pick<CatalogsOptions, "exclusively" | "audit">;
  #known: RecordMap | undefined;

  constructor(options: Pick<CatalogsOptions, "directory" | "exclusively" | "audit">) {
    this.#directory = options.directory;
    this.#options = options;
  }

  /** Sorted by name. */
  all(): RecordMap {
    this.#known ??= readRegistry(this.#directory);
    return this.#known;
  }

  /** Throws `E_MARKETPLACE_UNKNOWN`. */
  get(name: string): MarketplaceRecord {
    const records = this.all();
    const record = records.get(name);
    if (record !== undefined) return record;
    const near = nearest(name, records.keys());
    throw new CodedError("E_MARKETPLACE_UNKNOWN", `no marketplace \`${name}\` was added`, {
      hint: near === undefined ? "run `plugin marketplace list`, or add it" : `did you mean \`${near}\`?`,
    });
  }

  /** Looks at the registry again, which another process may have changed. */
  reread(): RecordMap {
    this.#known = undefined;
    return this.all();
  }

  /**
   * Changes one record as other processes left it; `undefined` leaves it as it is. The home is held while `change` runs,
   * so what belongs to the record on disk is written and removed there.
   */
  async change(
    name: string,
    change: (records: RecordMap) => MarketplaceRecord | "forget" | undefined,
  ): Promise<MarketplaceRecord | undefined> {
    const { exclusively, audit } = this.#options;
    return await exclusively(() => {
      const records = new Map(readRegistry(this.#directory));
      const before = records.get(name);
      const next = change(records);
      if (next === "forget") records.delete(name);
      else if (next !== undefined) records.set(name, next);
      const changes = auditOf(before, records.get(name));
      for (const entry of changes) audit.append(entry);
      try {
        if (next !== undefined) writeRegistry(this.#directory, records);
      } catch (error) {
        for (const entry of changes) audit.append({ ...entry, outcome: "failed" });
        throw error;
      }
      this.#known = new Map([...records].toSorted(([left], [right]) => (left < right ? -1 : 1)));
      return records.get(name);
    });
  }

  /** Changes a record that still is the same marketplace; one that was forgotten or bound anew meanwhile stays so. */
  async amend(
    { name, identity }: Pick<MarketplaceRecord, "name" | "identity">,
    amend: (current: MarketplaceRecord) => MarketplaceRecord,
  ): Promise<MarketplaceRecord | undefined> {
    return await this.change(name, (records) => {
      const current = records.get(name);
      return current?.identity === identity ? amend(current) : undefined;
    });
  }
}

/** What the audit log is told of a record's change; nothing about bookkeeping such as the time of a look. */
function auditOf(before: MarketplaceRecord | undefined, after: MarketplaceRecord | undefined): readonly AuditRecord[] {
  const rebound = before !== undefined && after !== undefined && before.identity !== after.identity;
  if (rebound) return [...auditOf(before, undefined), ...auditOf(undefined, after)];
  const known = after ?? before;
  if (known === undefined || before?.revision === after?.revision) return [];
  const [from, to] = [before?.revision, after?.revision];
  const verb = from === undefined ? "add" : to === undefined ? "remove" : "update";
  const detail = { name: known.name, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  return [{ action: `marketplace ${verb}`, subject: known.identity, outcome: "done", detail }];
}
