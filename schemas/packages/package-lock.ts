import { packageProblem } from "../npm-package.ts";

/** One npm package that a lock file pins. */
export interface LockedPackage {
  /** Where it is laid, relative to the plugin: `node_modules/a/node_modules/b`. */
  readonly path: string;
  /** Its name in the registry, which an alias hides from `path`. */
  readonly name: string;
  readonly version: string;
  /** Address of its tarball; `undefined` when it lies where a registry keeps it. */
  readonly resolved: string | undefined;
  /** Digests of its tarball as subresource integrity, none weaker than SHA-256. */
  readonly integrity: string;
  /** Whether everything works without it, so that a platform that it is not for leaves it out. */
  readonly optional: boolean;
  /** Platforms it is for, `!` before one that it is not for; empty for all. */
  readonly os: readonly string[];
  readonly cpu: readonly string[];
  readonly libc: readonly string[];
  /** Command → file of the package. */
  readonly bin: Readonly<Record<string, string>>;
  /** Whether it would run a script when it is installed, which never happens here. */
  readonly hasInstallScript: boolean;
}

/** The packages that a plugin's lock file pins, without those that only its development needs. */
export interface PackageLock {
  /** Name of the lock file at the root of the plugin. */
  readonly file: string;
  /** Sorted by path. */
  readonly packages: readonly LockedPackage[];
  /** Paths of packages that come inside the tarball of another one. */
  readonly bundled: ReadonlySet<string>;
}

/** A machine as packages name it. */
export interface PackagePlatform {
  readonly os: string;
  readonly cpu: string;
  /** `glibc` or `musl`; `undefined` where it is neither. */
  readonly libc: string | undefined;
}

/** Whether a package is meant for a machine. */
export function fitsPlatform(
  { os, cpu, libc }: Pick<LockedPackage, "os" | "cpu" | "libc">,
  platform: PackagePlatform,
): boolean {
  return admits(os, platform.os) && admits(cpu, platform.cpu) && admits(libc, platform.libc);
}

function admits(list: readonly string[], value: string | undefined): boolean {
  if (list.length === 0 || (list.length === 1 && list[0] === "any")) return true;
  if (value === undefined) return false;
  if (list.includes(`!${value}`)) return false;
  const wanted = list.filter((one) => !one.startsWith("!"));
  return wanted.length === 0 || wanted.includes(value);
}

/** The name of the last folder of `node_modules/a/node_modules/@b/c`; `undefined` for any other path. */
export function folderName(path: string): string | undefined {
  if (path.length > 1_024 || !path.startsWith("node_modules/")) return undefined;
  const names = path.slice("node_modules/".length).split("/node_modules/");
  const isFine = names.every((name) => name !== "node_modules" && packageProblem({ name }) === undefined);
  return isFine ? names.at(-1) : undefined;
}
