import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { DIAGNOSTIC_CODES } from "../../../schemas/diagnostic-codes.ts";

const SCHEMAS = fileURLToPath(new URL("../../../schemas", import.meta.url));

it("every warning and advice that a reader gives has its sentence, and no sentence is left over", () => {
  const used = new Set<string>();
  for (const file of readdirSync(SCHEMAS, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || file === "diagnostic-codes.ts") continue;
    for (const [, code = ""] of readFileSync(`${SCHEMAS}/${file}`, "utf8").matchAll(/"([WI]_[A-Z][A-Z_]*)"/g))
      used.add(code);
  }
  expect(Object.keys(DIAGNOSTIC_CODES).sort()).toStrictEqual([...used].sort());
});
