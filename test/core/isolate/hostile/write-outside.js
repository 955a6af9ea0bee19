import { writeFileSync } from "node:fs";

/** Writes outside its folders. */
export function attack({ outside }) {
  writeFileSync(`${outside}/planted`, "planted");
  return "planted a file";
}
