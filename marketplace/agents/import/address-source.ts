import { statSync } from "node:fs";
import { isCodedError } from "../../../schemas/errors.ts";
import { parseMarketplaceArgument } from "../../../schemas/identity.ts";
import type { MarketplaceSource } from "../../../schemas/source-spec.ts";

/** An address as other tools write it down, as the source of a marketplace that may lie there; `undefined` when it is none. */
export function addressSource(address: string | undefined, ref?: string): MarketplaceSource | undefined {
  if (address === undefined || /^\.{1,2}(?:\/|$)/u.test(address)) return undefined;
  try {
    const source = parseMarketplaceArgument(address, (path) =>
      path.startsWith("/") && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
        ? "directory"
        : undefined,
    );
    return ref !== undefined && (source.kind === "github" || source.kind === "git") ? { ...source, ref } : source;
  } catch (error) {
    // Whatever it is, no marketplace is there; the files in the agent remain.
    if (isCodedError(error)) return undefined;
    throw error;
  }
}
