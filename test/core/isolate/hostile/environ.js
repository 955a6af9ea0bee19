import { readFileSync } from "node:fs";

/** Reads the environment of the host. */
export function attack({ victimPid }) {
  return readFileSync(`/proc/${victimPid}/environ`, "utf8");
}
