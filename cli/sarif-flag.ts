import { readFileSync } from "node:fs";
import { CodedError } from "../schemas/errors.ts";
import type { ScanReport } from "../schemas/sarif.ts";
import type { VerbContext } from "./context.ts";
import type { FlagSpec, ParsedArguments } from "./flags.ts";
import { absolutePath, kindAt } from "./path.ts";

/** The flag that names what other scanners found. */
export const SARIF_FLAG: FlagSpec = {
  name: "sarif",
  value: "file",
  repeatable: true,
  summary: "show the findings of another scanner in the plan, from its SARIF 2.1.0 log",
};

/** The reports that were named. Throws `E_NOT_FOUND`, and what `readSarif` throws. */
export async function namedReports(args: ParsedArguments, { cwd }: VerbContext): Promise<readonly ScanReport[]> {
  const files = args.values.get(SARIF_FLAG.name) ?? [];
  if (files.length === 0) return [];
  // Its schemas are needed by this flag alone.
  const { readSarif } = await import("../schemas/sarif.ts");
  return files.map((file) => {
    if (kindAt(file, cwd) === "file") return readSarif(readFileSync(absolutePath(file, cwd)), file);
    throw new CodedError(
      "E_NOT_FOUND",
      `\`${file}\` ${kindAt(file, cwd) === undefined ? "does not exist" : "is no file"}`,
      {
        hint: "`--sarif` takes the file that a scanner wrote",
      },
    );
  });
}
