import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ERROR_CODES } from "../schemas/errors.ts";

const path = fileURLToPath(new URL("../docs/errors.md", import.meta.url));
const rows = Object.entries(ERROR_CODES).map(([code, sentence]) => `- \`${code}\`: ${sentence}`);
const text = `# Error codes

Generated from \`schemas/errors.ts\`; edit that file and run \`npm run generate\`.

${rows.join("\n")}
`;
if (process.argv.includes("--check")) {
  if (readFileSync(path, "utf8") !== text) {
    console.error("`docs/errors.md` is not what `schemas/errors.ts` says; run `npm run generate`");
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, text);
}
