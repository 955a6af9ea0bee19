import { realpathSync, statSync } from "node:fs";
import { CodedError } from "../../schemas/errors.ts";
import { shellWord } from "../../schemas/shell-word.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { writeDurableFile } from "../store/durable-file.ts";

const WRITERS = 0o222;

/** Whether somebody has taken the permission to write from a file; its folder would let it be replaced all the same. */
export function isWriteProtected(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && (found.mode & WRITERS) === 0;
}

/**
 * Writes a file of somebody else anew: a link to it stays one, and who may read it stays as it was, because keys stand in
 * some. Throws `E_UNEDITABLE` for a write-protected one, `E_IO`.
 */
export function rewriteFile(file: string, text: string): void {
  try {
    const real = realpathSync(file);
    const { mode } = statSync(real);
    if ((mode & WRITERS) === 0) {
      throw new CodedError("E_UNEDITABLE", `\`${file}\` is write-protected`, {
        where: file,
        hint: `\`chmod u+w ${shellWord(real)}\` lets it be written; \`plugin sync\` tries again`,
      });
    }
    writeDurableFile(real, text, { mode: mode & 0o777, exactMode: true });
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw isSystemError(error) ? ioError("write", file, error) : error;
    writeDurableFile(file, text);
  }
}
