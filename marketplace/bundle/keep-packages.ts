import { put } from "cacache";
import { checkData } from "ssri";
import { CodedError } from "../../schemas/errors.ts";
import { ioError } from "../store/io-error.ts";

/** Puts the tarballs of a bundle where downloads are kept, each after it was compared with its digest. Throws `E_INTEGRITY` and `E_IO`. */
export async function keepPackages(packages: ReadonlyMap<string, Uint8Array>, cache: string): Promise<void> {
  for (const [integrity, bytes] of packages) {
    if (checkData(Buffer.from(bytes), integrity) === false) {
      throw new CodedError("E_INTEGRITY", `an npm package of the bundle is not what its name says (\`${integrity}\`)`, {
        hint: "do not use it: it was damaged, or somebody changed it",
        data: { integrity },
      });
    }
  }
  for (const [integrity, bytes] of packages) {
    try {
      await put(cache, "bundle", bytes, { integrity });
    } catch (error) {
      throw ioError("write to", cache, error);
    }
  }
}
