import { CodedError } from "../../schemas/errors.ts";
import {
  fitsPlatform,
  type LockedPackage,
  type PackageLock,
  type PackagePlatform,
} from "../../schemas/packages/package-lock.ts";
import { platformName } from "./host-platform.ts";

/**
 * The packages of a lock that a machine gets: those that are optional and not meant for it are left out, with what lies below them.
 * Throws `E_PACKAGE_LOCK` when a needed one is not meant for it.
 */
export function selectPackages({ file, packages }: PackageLock, platform: PackagePlatform): readonly LockedPackage[] {
  const unfit = packages.filter((one) => !fitsPlatform(one, platform));
  const needed = unfit.find((one) => !one.optional);
  if (needed !== undefined) {
    throw new CodedError("E_PACKAGE_LOCK", `the package \`${needed.name}\` is not made for ${platformName(platform)}`, {
      where: file,
      hint: "ask the plugin's author for a version that runs here",
    });
  }
  const left = unfit.map(({ path }) => path);
  return packages.filter(({ path }) => !left.some((gone) => path === gone || path.startsWith(`${gone}/`)));
}
