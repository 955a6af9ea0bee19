import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DIAGNOSTIC_CODES } from "../schemas/diagnostic-codes.ts";
import { ERROR_CODES } from "../schemas/errors.ts";

const path = fileURLToPath(new URL("../docs/errors.md", import.meta.url));
const rowsOf = (codes: Readonly<Record<string, string>>): string =>
  Object.entries(codes)
    .map(([code, sentence]) => `- \`${code}\`: ${sentence}`)
    .join("\n");
const text = `# Error codes

Generated from \`schemas/errors.ts\` and \`schemas/diagnostic-codes.ts\`; edit those files and run \`npm run generate\`.

${rowsOf(ERROR_CODES)}

## Warnings, notes and advice

A \`W_\` code names something that works, but perhaps not as its author thinks; an \`I_\` code is good to know; an \`A_\` code is
advice to the author of a plugin, which \`plugin validate\` alone gives.

${rowsOf(DIAGNOSTIC_CODES)}
`;
if (process.argv.includes("--check")) {
  if (readFileSync(path, "utf8") !== text) {
    console.error("`docs/errors.md` is not what the codes say; run `npm run generate`");
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, text);
}
