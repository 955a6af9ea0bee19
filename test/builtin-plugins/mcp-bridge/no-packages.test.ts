import { existsSync, readFileSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { removeOldFiles } from "../../../builtin-plugins/mcp-bridge/old-files.ts";
import { scanImports } from "../../support/import-scanner.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

describe("the bridge", () => {
  it("loads no package before a server is started or reached", () => {
    const entry = fileURLToPath(new URL("../../../builtin-plugins/mcp-bridge/index.ts", import.meta.url));
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const { specifier, typeOnly, dynamic } of scanImports(readFileSync(file, "utf8"))) {
        if (typeOnly || dynamic) continue;
        if (specifier.startsWith(".")) visit(join(dirname(file), specifier));
        else if (!specifier.startsWith("node:")) packages.add(specifier);
      }
    };
    visit(entry);
    expect(seen.size).toBeGreaterThan(15);
    expect([...packages]).toEqual(["plugsmith/plugin-api"]);
  });

  it("throws away what is old", () => {
    using home = temporaryHome();
    const old = home.write("results/old.txt", "x");
    const fresh = home.write("results/new.txt", "x");
    utimesSync(old, new Date("2020-01-01"), new Date("2020-01-01"));
    removeOldFiles(home.path("results"), 7);
    removeOldFiles(home.path("none"), 7);
    expect(existsSync(old)).toBe(false);
    expect(readFileSync(fresh, "utf8")).toBe("x");
  });
});
