import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { DOCUMENTS } from "../../cli/output/documents.ts";
import { readSources } from "../support/import-graph.ts";
import { scanImports } from "../support/import-scanner.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the shapes of --json", () => {
  it("are no part of the program, so that nothing of them is loaded at run time", () => {
    const sources = [...readSources(root)].filter(([path]) => path.startsWith("cli/"));
    const shapes = sources.filter(([path]) => path.startsWith("cli/output/"));
    expect(shapes.length).toBeGreaterThan(0);
    const importing = sources.filter(
      ([path, text]) =>
        !path.startsWith("cli/output/") &&
        scanImports(text).some(({ specifier }) => posix.join(posix.dirname(path), specifier).startsWith("cli/output/")),
    );
    expect(importing.map(([path]) => path)).toEqual([]);
  });

  it("are published with one definition for each verb", () => {
    const file = `${root}schemas/json/output.schema.json`;
    // The generated file, whose freshness `npm run check` proves.
    const { $defs } = JSON.parse(readFileSync(file, "utf8")) as { readonly $defs: Readonly<Record<string, unknown>> };
    const verbs = [...DOCUMENTS.keys()].map((verb) => verb.replace(" ", "-"));
    expect(verbs.length).toBeGreaterThan(0);
    expect(Object.keys($defs)).toEqual(expect.arrayContaining([...verbs, "error", "failure", "plan", "manifest"]));
  });
});
