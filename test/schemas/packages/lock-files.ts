import { memoryTree } from "../../../schemas/formats/memory-tree.ts";
import type { LockedPackage, PackageLock } from "../../../schemas/packages/package-lock.ts";
import { readPackageLock } from "../../../schemas/packages/read-package-lock.ts";

/** A plain integrity. */
export const SHA512: string = `sha512-${"A".repeat(86)}==`;

/** What a plugin asks for in most cases. */
export const ASKS_FOR_A: Readonly<Record<string, unknown>> = { dependencies: { a: "^1.0.0" } };

/** An entry of an npm lock. */
export function npmEntry(
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    version: "1.0.0",
    resolved: `https://registry.npmjs.org/${name}/-/${name.slice(name.indexOf("/") + 1)}-1.0.0.tgz`,
    integrity: SHA512,
    ...more,
  };
}

/** An npm lock of entries by path; `root` is what it says the plugin asks for. */
export function npmLock(
  packages: Readonly<Record<string, unknown>>,
  root: Readonly<Record<string, unknown>> = ASKS_FOR_A,
  more: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({ name: "x", lockfileVersion: 3, packages: { "": root, ...packages }, ...more }, undefined, 2);
}

/** Reads the packages of a plugin with these files; `package.json` asks for `a` unless it is there. */
export function reading(files: Readonly<Record<string, string>>): ReturnType<typeof readPackageLock> {
  return readPackageLock(memoryTree({ "package.json": JSON.stringify(ASKS_FOR_A, undefined, 2), ...files }));
}

/** The lock in these files; fails when it is refused. */
export function lockIn(files: Readonly<Record<string, string>>): PackageLock {
  const read = reading(files);
  if (read?.kind === "locked") return read.lock;
  throw new Error(`no lock: ${JSON.stringify(read)}`);
}

/** Paths of the packages in these files. */
export function pathsIn(files: Readonly<Record<string, string>>): readonly string[] {
  return lockIn(files).packages.map((one: LockedPackage) => one.path);
}
