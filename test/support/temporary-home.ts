import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { refuseCanaries } from "./canary.ts";

/** A private directory that exists until it is disposed, when no secret of the test may lie in it: `using home = temporaryHome()`. */
export interface TemporaryHome extends Disposable {
  readonly directory: string;
  /** The absolute path of something below the directory. */
  path(...names: readonly string[]): string;
  /** Writes a file, making its directories, and returns its absolute path. */
  write(name: string, content: string | Uint8Array): string;
}

/** Makes a fresh directory below the system's temporary directory. */
export function temporaryHome(): TemporaryHome {
  const directory = mkdtempSync(join(tmpdir(), "plugsmith-test-"));
  const path = (...names: readonly string[]): string => join(directory, ...names);
  return {
    directory,
    path,
    write(name, content) {
      const file = path(name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    [Symbol.dispose]() {
      try {
        refuseCanaries(directory);
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}
