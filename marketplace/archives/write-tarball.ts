import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "tar";
import { ioError } from "../../schemas/system-error.ts";

/** The time that registries give every file, so that the same content has the same bytes. */
const TIME = new Date("1985-10-26T08:15:00.000Z");

/** Content of an archive. */
export interface ArchiveFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly executable: boolean;
}

/** Runs work on a private folder that holds the files; it is removed afterwards. */
export async function withFolder<Result>(
  files: readonly ArchiveFile[],
  work: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), "plugsmith-pack-"));
  try {
    for (const { path, bytes, executable } of files) {
      const file = join(directory, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
      // Whatever the umask is.
      chmodSync(file, executable ? 0o755 : 0o644);
    }
    return await work(directory);
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw ioError("write", directory, error);
    throw error;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** How an archive is written. */
export interface ArchiveForm {
  /** The one folder that everything lies in; none when absent. */
  readonly top?: string | undefined;
  readonly compressed: boolean;
}

/**
 * A tarball. The same files give the same bytes, compressed ones with the same Node: they are in order, without owners, of one
 * time, and with one of two modes.
 */
export function archive(files: readonly ArchiveFile[], { top, compressed }: ArchiveForm): Promise<Uint8Array> {
  const sorted = files.toSorted((left, right) => (left.path < right.path ? -1 : 1));
  return withFolder(sorted, async (directory) => {
    const chunks: Uint8Array[] = [];
    const stream = create(
      {
        cwd: directory,
        ...(top === undefined ? {} : { prefix: top }),
        portable: true,
        mtime: TIME,
        noDirRecurse: true,
        ...(compressed ? { gzip: { level: 9 } } : {}),
        jobs: 1,
      },
      sorted.map(({ path }) => `./${path}`),
    );
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks);
  });
}
