import { CodedError } from "../../schemas/errors.ts";
import { hasIntegrity, keepContent } from "../packages/content-cache.ts";

/** Puts the tarballs of a bundle where downloads are kept, each after it was compared with its digest. Throws `E_INTEGRITY` and `E_IO`. */
export async function keepPackages(packages: ReadonlyMap<string, Uint8Array>, cache: string): Promise<void> {
  for (const [integrity, bytes] of packages) {
    if (!hasIntegrity(bytes, integrity)) {
      throw new CodedError("E_INTEGRITY", `an npm package of the bundle is not what its name says (\`${integrity}\`)`, {
        hint: "do not use it: it was damaged, or somebody changed it",
        data: { integrity },
      });
    }
  }
  for (const [integrity, bytes] of packages) await keepContent(cache, "bundle", bytes, integrity);
}
