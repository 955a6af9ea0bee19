import { createRequire } from "node:module";

/** Loads machine code that lies in its own folder. */
export function attack({ addon }) {
  createRequire(import.meta.url)(addon);
  return "loaded an addon";
}
