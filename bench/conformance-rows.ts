import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RowGroup } from "./local-rows.ts";
import { measure, type BenchCase } from "./measure.ts";

const PROGRAM = fileURLToPath(new URL("../test/conformance/conformance.ts", import.meta.url));
const CORPUS = fileURLToPath(new URL("../../shared/corpus/dev", import.meta.url));

/** Reading every repository of the corpus that lies beside the checkout; no row where there is none. */
export const conformanceRows: RowGroup = async () => {
  if (!existsSync(CORPUS)) {
    console.error("bench: corpus absent");
    return [];
  }
  const each: BenchCase = {
    name: "conformance",
    invocation: () => ({ command: process.execPath, args: ["--conditions=source", PROGRAM, CORPUS] }),
  };
  const measured = (await measure([each])).get(each.name)?.medianMs ?? 0;
  return [{ name: "conformance, whole corpus", unit: "ms", measured, bar: 3000, rule: "3 s" }];
};
