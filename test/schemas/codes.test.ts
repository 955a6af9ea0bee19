import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { LAZY_MODULES } from "../../.ci/lazy-modules.ts";
import { DIAGNOSTIC_CODES } from "../../schemas/diagnostic-codes.ts";
import { ERROR_CODES } from "../../schemas/errors.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("codes", () => {
  it("are sentences without capital and full stop", () => {
    for (const sentence of Object.values({ ...ERROR_CODES, ...DIAGNOSTIC_CODES })) {
      expect(sentence).not.toMatch(/^[A-Z][a-z]|\.$/);
    }
  });
});

describe("the start path", () => {
  it.each([
    "generation",
    "names",
    "catalog-snapshot",
    "plugins-json",
    "lockfile",
    "policy",
    "policy-decision",
    "identity",
    "closure",
  ])("reads with schemas/%s.ts without a package", (noun) => {
    const reached = reach(`schemas/${noun}.ts`);
    expect(reached.files.size).toBeGreaterThan(0);
    expect([...reached.packages]).toEqual([]);
  });
});

function reach(start: string): { readonly files: ReadonlySet<string>; readonly packages: ReadonlySet<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const waiting = [start];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    // What the bundle loads at the first call is no part of a start.
    if (files.has(file) || LAZY_MODULES.has(file)) continue;
    files.add(file);
    for (const [, clause = "", specifier = ""] of read(file).matchAll(
      /^(?:import|export)\s([^;"]*?from\s)?"([^"]+)"/gm,
    )) {
      if (clause.startsWith("type ")) continue;
      if (specifier.startsWith(".")) waiting.push(posix.join(posix.dirname(file), specifier));
      else if (!specifier.startsWith("node:")) packages.add(specifier);
    }
  }
  return { files, packages };
}

function read(file: string): string {
  return readFileSync(posix.join(root, file), "utf8");
}
