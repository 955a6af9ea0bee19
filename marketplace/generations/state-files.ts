import { readFileSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { Home } from "../home.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";

/** The file of a generation. */
export function generationFile(home: Home, number: number): string {
  return join(home.generations, `${number}.json`);
}

/** The number in the name of a generation file; `undefined` for any other name. */
export function generationNumber(name: string): number | undefined {
  const match = /^([1-9]\d{0,14})\.json$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** The number that `current` names; 0 when nothing was committed yet. Whether that generation is readable is not looked at. */
export function currentNumber(home: Home): number {
  try {
    return generationNumber(basename(readlinkSync(home.current))) ?? 0;
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EINVAL")) return 0;
    throw ioError("read the link", home.current, error);
  }
}

/** Makes `current` name a generation, by one rename. The caller holds the home and syncs the state directory. */
export function pointCurrentAt(home: Home, number: number): void {
  const temporary = `${home.current}.new`;
  try {
    removeIfPresent(temporary);
    symlinkSync(`generations/${number}.json`, temporary);
    renameSync(temporary, home.current);
  } catch (error) {
    throw ioError("switch", home.current, error);
  }
}

/** The text of a file; `undefined` when it is absent. */
export function readTextIfPresent(file: string): string | undefined {
  return readBytesIfPresent(file)?.toString("utf8");
}

/** The bytes of a file; `undefined` when it is absent. */
export function readBytesIfPresent(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return undefined;
    throw ioError("read", file, error);
  }
}

/** Removes a file; nothing happens when it is absent. */
export function removeIfPresent(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTDIR")) throw ioError("remove", file, error);
  }
}

/** Renames a damaged file to the first free `<file>.damaged-<n>`; `undefined` when the home cannot be written. */
export function keepAside(file: string, taken: (path: string) => boolean): string | undefined {
  for (let count = 1; ; count += 1) {
    const aside = `${file}.damaged-${count}`;
    if (taken(aside)) continue;
    try {
      renameSync(file, aside);
      return aside;
    } catch (error) {
      if (isSystemError(error, "ENOENT", "EROFS", "EACCES", "EPERM")) return undefined;
      throw ioError("rename", file, error);
    }
  }
}
