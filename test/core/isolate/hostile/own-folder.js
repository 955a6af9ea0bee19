import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Changes its own code, which was consented to. */
export function attack() {
  writeFileSync(fileURLToPath(new URL("own-folder.js", import.meta.url)), "");
  return "changed its own code";
}
