import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { LockedFields } from "../../schemas/packages/locked-fields.ts";
import type { LockedPackage } from "../../schemas/packages/package-lock.ts";
import { isRecord } from "../../schemas/record.ts";
import type { PlacedPackage } from "./package-places.ts";

/** A placed package as a lock has it; what its publisher wrote is checked. Throws `E_INTEGRITY` and `E_PACKAGE_LOCK`. */
export function lockedPackage(
  { path, name, release }: PlacedPackage,
  { optional, commands }: { readonly optional: boolean; readonly commands: boolean },
): LockedPackage {
  const { version, integrity, manifest } = release;
  if (integrity === undefined) {
    throw new CodedError(
      "E_INTEGRITY",
      `the registry names no digest of \`${name}@${version}\` that is stronger than SHA-1`,
      {
        hint: "ask its author to publish it again",
      },
    );
  }
  const document = { file: "package.json", value: manifest, locate: () => ({ line: 1, column: 1 }) };
  const fields = new LockedFields(document, [], `${name}@${version}`);
  const scripts = isRecord(manifest["scripts"]) ? manifest["scripts"] : {};
  try {
    return {
      path,
      name,
      version,
      resolved: undefined,
      integrity,
      optional,
      os: fields.platforms(manifest["os"]),
      cpu: fields.platforms(manifest["cpu"]),
      libc: fields.platforms(manifest["libc"]),
      bin: commands ? fields.bin(manifest["bin"], name) : {},
      hasInstallScript:
        manifest["hasInstallScript"] === true ||
        ["preinstall", "install", "postinstall"].some((script) => typeof scripts[script] === "string"),
    };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw new CodedError("E_PACKAGE_LOCK", error.message, { hint: "ask its publisher", cause: error });
  }
}
