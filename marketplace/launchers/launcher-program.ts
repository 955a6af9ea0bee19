import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import type { LauncherCall } from "../../schemas/launchers/launcher-call.ts";
import type { LockedPackages } from "../../schemas/launchers/launcher-lock.ts";
import type { LockedPackage } from "../../schemas/packages/package-lock.ts";
import { isSystemError } from "../../schemas/system-error.ts";

/** The program that a locked command starts. */
export interface LauncherProgram {
  /** Path in the tree of its packages. */
  readonly path: string;
  /** Whether it is a script for Node; otherwise the system starts it by its own first bytes. */
  readonly node: boolean;
}

const NODE_LINE = /^#!\s*(?:\/usr\/bin\/env\s+)?(?:\S*\/)?node(?:js)?\s*(?:\r?\n|$)/u;
const NODE_FILE = /\.[cm]?js$/u;

/** The packages that a command names, as they are locked. */
export function namedPackages({ packages }: LauncherCall, locked: LockedPackages): readonly LockedPackage[] {
  return packages.flatMap(({ name }) => locked.packages.find(({ path }) => path === `node_modules/${name}`) ?? []);
}

/**
 * Which command of the packages is meant, as npm chooses: the named one; else the only one; else that of the package's own name.
 * Throws `E_PACKAGE_LOCK` when there is none.
 */
export function chosenCommand(call: LauncherCall, locked: LockedPackages): string {
  const named = namedPackages(call, locked);
  if (call.program !== undefined) {
    const owner = named.find(({ bin }) => bin[call.program ?? ""] !== undefined);
    if (owner !== undefined) return `${owner.path}/${owner.bin[call.program] ?? ""}`;
    throw without(`the command \`${call.program}\``, named);
  }
  const [own] = named;
  const commands = Object.entries(own?.bin ?? {});
  const short = own?.name.slice(own.name.indexOf("/") + 1);
  const isOne = new Set(commands.map(([, file]) => file)).size === 1;
  const [, file] = (isOne ? commands[0] : commands.find(([command]) => command === short)) ?? [];
  if (own === undefined || file === undefined)
    throw without(commands.length === 0 ? "a command" : "one command that is meant", named);
  return `${own.path}/${file}`;
}

function without(what: string, named: readonly LockedPackage[]): CodedError {
  const names = named.map(({ name, version }) => `\`${name}@${version}\``).join(", ");
  return new CodedError("E_PACKAGE_LOCK", `${names} has not ${what}`, { hint: "ask the plugin's author" });
}

/**
 * Looks at the program in its tree. Throws `E_PACKAGE_LOCK` when its file is not there, which is the case where an install script
 * would have made it.
 */
export function programIn(directory: string, call: LauncherCall, locked: LockedPackages): LauncherProgram {
  const path = chosenCommand(call, locked);
  const start = firstBytes(join(directory, path));
  if (start === undefined) {
    const scripted = namedPackages(call, locked).some(({ hasInstallScript }) => hasInstallScript);
    throw new CodedError(
      "E_PACKAGE_LOCK",
      scripted
        ? "its program needs an install script, and none is run"
        : `its program \`${path}\` is not in the package`,
      { hint: "ask its publisher for a release that brings its program" },
    );
  }
  return { path, node: NODE_LINE.test(start) || (!start.startsWith("#!") && NODE_FILE.test(path)) };
}

function firstBytes(file: string): string | undefined {
  try {
    if (!statSync(file).isFile()) return undefined;
    const bytes = Buffer.alloc(128);
    const descriptor = openSync(file, "r");
    try {
      return bytes.toString("latin1", 0, readSync(descriptor, bytes));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "ELOOP")) return undefined;
    throw error;
  }
}
