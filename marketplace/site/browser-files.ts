import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CodedError } from "../../schemas/errors.ts";

/** A checkout finds what `npm run build` made, the package what lies beside this module's folder. */
const FOLDER = import.meta.filename.endsWith(".ts") ? "../../dist/browser" : "../browser";

/** Reads a file that browsers load, by its name, e.g. `site.js`. Throws `E_NOT_FOUND` in a checkout that was not built. */
export function browserFile(name: string): string {
  const file = join(dirname(import.meta.filename), FOLDER, name);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CodedError("E_NOT_FOUND", `\`${file}\` is missing`, { cause: error, hint: "run `npm run build`" });
  }
}
