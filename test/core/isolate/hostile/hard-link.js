import { linkSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Makes a second name for a file outside. */
export function attack({ secretFile, data }) {
  const link = join(data, "hard-link");
  rmSync(link, { force: true });
  linkSync(secretFile, link);
  return readFileSync(link, "utf8");
}
