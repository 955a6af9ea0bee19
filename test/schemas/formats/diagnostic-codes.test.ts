import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { DIAGNOSTIC_CODES } from "../../../schemas/diagnostic-codes.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

it("every warning and advice that is given has its sentence, and no sentence is left over", () => {
  const used = new Set<string>();
  for (const file of globSync("{schemas,core,marketplace,builtin-plugins,plugin-api,cli}/**/*.ts", { cwd: ROOT })) {
    if (file.endsWith("diagnostic-codes.ts")) continue;
    for (const [, code = ""] of readFileSync(`${ROOT}/${file}`, "utf8").matchAll(/"([AWI]_[A-Z][A-Z_]*)"/g))
      used.add(code);
  }
  expect(Object.keys(DIAGNOSTIC_CODES).sort()).toStrictEqual([...used].sort());
});
