import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readlinkSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../../../schemas/system-error.ts";
import type { Check, Finding } from "../finding.ts";

/** Below this much free space a change may not get through. */
const LITTLE_BYTES = 256 * 1024 * 1024;

/** Whether the file system under the home does what a home needs. */
export const fileSystem: Check = {
  name: "file system",
  find: ({ services: { home } }): readonly Finding[] => {
    if (!existsSync(home.directory)) return [];
    const common = { check: "file system", code: "E_IO", file: home.directory } as const;
    const refused = probe(home.directory);
    const { bavail, bsize } = statfsSync(home.directory);
    const free = bavail * bsize;
    return [
      ...(refused === undefined
        ? []
        : [
            {
              ...common,
              severity: "error",
              message: `the file system of the home ${refused}`,
              hint: "choose a home on another one with `PLUGSMITH_HOME`",
            } as const,
          ]),
      ...(free >= LITTLE_BYTES
        ? []
        : [
            {
              ...common,
              severity: "warning",
              message: `only ${Math.floor(free / 1_000_000)} MB are free where the home lies`,
              hint: "`plugin cache gc` removes what nothing needs",
            } as const,
          ]),
    ];
  },
};

/** What it does not do, in words; the directory of the try is gone afterwards. */
function probe(directory: string): string | undefined {
  let place: string | undefined;
  let doing = "cannot be written";
  try {
    place = mkdtempSync(join(directory, ".doctor-"));
    const [file, other, link] = [join(place, "a"), join(place, "b"), join(place, "link")];
    writeFileSync(file, "a", { mode: 0o755 });
    writeFileSync(other, "b");
    doing = "has no symbolic links";
    symlinkSync("a", link);
    if (readlinkSync(link) !== "a") return doing;
    doing = "cannot replace a file by renaming another one";
    renameSync(other, file);
    doing = "forgets which files are executable";
    if (process.platform !== "win32") {
      writeFileSync(other, "b", { mode: 0o755 });
      if ((lstatSync(other).mode & 0o100) === 0) return doing;
    }
    return undefined;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return `${doing}: ${error.code ?? ""}`;
  } finally {
    if (place !== undefined) rmSync(place, { recursive: true, force: true });
  }
}
