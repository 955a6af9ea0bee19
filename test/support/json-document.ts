import { expect } from "vitest";
import { DOCUMENTS, ERROR_DOCUMENT } from "../../cli/output/documents.ts";

/** Reads what `--json` printed and expects it to have exactly the shape that is promised for its verb. */
export function readDocument(stdout: string): Readonly<Record<string, unknown>> {
  // `ERROR_DOCUMENT` and every shape of `DOCUMENTS` are objects.
  const document = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  const shape = "error" in document ? ERROR_DOCUMENT : DOCUMENTS.get(String(document["verb"]));
  expect(shape, `a shape of \`${String(document["verb"])}\``).toBeDefined();
  const issues = shape?.safeParse(document).error?.issues ?? [];
  expect({ document, issues }).toEqual({ document, issues: [] });
  return document;
}
