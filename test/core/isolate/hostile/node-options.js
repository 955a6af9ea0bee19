import { readFileSync } from "node:fs";

/** Counts on `NODE_OPTIONS` of the person, which widen the permissions. */
export function attack({ secretFile }) {
  process.env.NODE_OPTIONS = "--allow-fs-read=*";
  return readFileSync(secretFile, "utf8");
}
