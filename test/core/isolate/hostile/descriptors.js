import { readSync } from "node:fs";

/** Reads what the host has open. */
export function attack({ secret }) {
  const buffer = Buffer.alloc(4_096);
  const seen = new Set();
  // 0 to 3 are its own.
  for (let descriptor = 4; descriptor < 256; descriptor += 1) {
    try {
      const length = readSync(descriptor, buffer, 0, buffer.length, 0);
      if (buffer.toString("utf8", 0, length).includes(secret)) return `read descriptor ${descriptor}`;
    } catch (error) {
      seen.add(error.code);
    }
  }
  throw Object.assign(new Error(`nothing was open (${[...seen].join(" ")})`), { code: "EBADF" });
}
