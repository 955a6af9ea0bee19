import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** Makes a link in its data folder and follows it. */
export function attack({ secretFile, data }) {
  const link = join(data, "link");
  rmSync(link, { force: true });
  symlinkSync(secretFile, link);
  return readFileSync(link, "utf8");
}
