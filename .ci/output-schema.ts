import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { OUTPUT } from "../cli/output/documents.ts";

const path = fileURLToPath(new URL("../schemas/json/output.schema.json", import.meta.url));
const json = z.toJSONSchema(OUTPUT, { io: "output", unrepresentable: "any", reused: "inline" });
const text = `${JSON.stringify(json, null, 2)}\n`;
if (process.argv.includes("--check")) {
  if (readFileSync(path, "utf8") !== text) {
    console.error("`schemas/json/output.schema.json` is not what the shapes say; run `npm run generate`");
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, text);
}
