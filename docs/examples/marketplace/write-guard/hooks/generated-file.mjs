// Reads the hook's JSON from stdin and answers with exit code 2 when the file says that a program writes it.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";

const MARK = /@generated|DO NOT EDIT/u;

/** The first bytes of a file; empty when there is no such file. */
function head(path) {
  let descriptor;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return "";
  }
  try {
    const buffer = Buffer.alloc(2048);
    return buffer.toString("utf8", 0, readSync(descriptor, buffer));
  } finally {
    closeSync(descriptor);
  }
}

const { tool_input: input } = JSON.parse(readFileSync(0, "utf8"));
if (typeof input?.file_path === "string" && MARK.test(head(input.file_path))) {
  process.stderr.write(`${input.file_path} is generated: change its source and run the generator\n`);
  process.exitCode = 2;
}
