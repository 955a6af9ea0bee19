import { parseMarketplaceArgument } from "../schemas/identity.ts";
import type { MarketplaceSource } from "../schemas/source-spec.ts";
import { absolutePath, kindAt } from "./path.ts";

/** What a person named as a marketplace, local paths absolute. Throws what `parseMarketplaceArgument` throws. */
export function marketplaceArgument(text: string, cwd: string): MarketplaceSource {
  const source = parseMarketplaceArgument(text, (path) => kindAt(path, cwd));
  return source.kind === "directory" || source.kind === "file"
    ? { ...source, path: absolutePath(source.path, cwd) }
    : source;
}
