import { isCodedError } from "../../../schemas/errors.ts";
import { parseMarketplaceSource } from "../../../schemas/marketplace-source.ts";
import { parsePluginId } from "../../../schemas/names.ts";
import type { ForeignFiles } from "./foreign-file.ts";
import { type HeldMarketplace, isGenerated } from "./holding.ts";

/** Reads marketplaces by name; the first that says where a name comes from counts, and generated ones are left out. */
export class HeldMarkets {
  readonly #files: ForeignFiles;
  readonly #found = new Map<string, HeldMarketplace>();

  constructor(files: ForeignFiles) {
    this.#files = files;
  }

  /** Every marketplace so far. */
  all(): readonly HeldMarketplace[] {
    return [...this.#found.values()];
  }

  /** `source` is the object form of a marketplace source, or wraps it. */
  add(name: string, source: unknown, where: string): void {
    if (isGenerated(name) || this.#found.has(name)) return;
    try {
      this.#found.set(name, { name, source: parseMarketplaceSource(source), where });
    } catch (error) {
      if (!isCodedError(error)) throw error;
      this.#files.refuse(`marketplace ${name}`, where, error.message);
    }
  }
}

/** The parts of a plugin id; `undefined` for one that came from here or, told of, for one that is no id. */
export function heldId(
  id: string,
  where: string,
  files: ForeignFiles,
): { readonly name: string; readonly market: string } | undefined {
  const parts = parsePluginId(id);
  if (parts === undefined) {
    files.refuse(`plugin ${id}`, where, "its name is not `name@marketplace`");
    return undefined;
  }
  return isGenerated(parts.market) ? undefined : parts;
}
