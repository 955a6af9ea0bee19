import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";

/** Spells a path outside in other ways. */
export function attack({ secretFile, data }) {
  const spellings = [
    `${data}/${relative(data, secretFile)}`,
    Buffer.from(secretFile),
    pathToFileURL(secretFile),
    `/proc/self/root${secretFile}`,
    `/proc/self/cwd/${relative(process.cwd(), secretFile)}`,
  ];
  let last;
  for (const path of spellings) {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
