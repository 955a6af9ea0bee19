import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandBraces } from "../../../builtin-plugins/skills/braces.ts";
import { GateIndex } from "../../../builtin-plugins/skills/gate-index.ts";
import { Glob } from "../../../builtin-plugins/skills/glob.ts";

describe("a pattern of paths", () => {
  const cases: readonly { pattern: string; opens: readonly string[]; keeps: readonly string[] }[] = [
    { pattern: "**/*.ts", opens: ["a.ts", "src/a.ts", "a/b/c.d.ts", ".hidden/x.ts"], keeps: ["a.tsx", "ts"] },
    { pattern: "src/**/*", opens: ["src/a", "src/a/b"], keeps: ["lib/src/a", "src"] },
    { pattern: "*.md", opens: ["README.md"], keeps: ["docs/README.md"] },
    { pattern: "./src/*.ts", opens: ["src/a.ts"], keeps: ["src/a/b.ts"] },
    { pattern: "/package.json", opens: ["package.json"], keeps: ["a/package.json"] },
    { pattern: "**/Dockerfile", opens: ["Dockerfile", "a/b/Dockerfile"], keeps: ["Dockerfile.old"] },
    { pattern: "docs", opens: ["docs", "docs/a/b.md"], keeps: ["src/docs/a.md", "docs2/a"] },
    { pattern: "docs/", opens: ["docs/a.md"], keeps: ["a/docs/b"] },
    { pattern: "src/{a,b}/*.{ts,tsx}", opens: ["src/a/x.ts", "src/b/y.tsx"], keeps: ["src/c/x.ts", "src/a/x.js"] },
    { pattern: "{a,b{c,d}}.txt", opens: ["a.txt", "bc.txt", "bd.txt"], keeps: ["b.txt"] },
    { pattern: "x{y}.txt", opens: ["x{y}.txt"], keeps: ["xy.txt"] },
    { pattern: "file[0-9].txt", opens: ["file1.txt"], keeps: ["filea.txt"] },
    { pattern: "app/\\[id\\]/page.tsx", opens: ["app/[id]/page.tsx"], keeps: ["app/i/page.tsx"] },
    { pattern: "bad[.ts", opens: [], keeps: ["bad[.ts", "bad.ts"] },
    { pattern: "[z-a].ts", opens: [], keeps: ["z.ts"] },
    { pattern: "+(a|b).ts", opens: ["+(a|b).ts"], keeps: ["a.ts"] },
    { pattern: "a?c/**", opens: ["abc/d"], keeps: ["ac/d"] },
    { pattern: "src/**foo*/x", opens: ["src/afoob/x"], keeps: ["src/a/foo/x"] },
    { pattern: "", opens: [], keeps: ["a"] },
  ];
  it.each(cases)("opens what it names: `$pattern`", ({ pattern, opens, keeps }) => {
    const index = new GateIndex([{ id: "x", paths: [pattern] }]);
    const opened = [...opens, ...keeps].filter((path) => index.opens(path).size > 0);
    expect(opened).toEqual(opens);
  });

  it("is not disturbed by a broken one beside it, and gives way to one with `!`", () => {
    const index = new GateIndex([{ id: "x", paths: ["[", "src/**", "!src/generated/**"] }]);
    expect(["src/a.ts", "src/generated/a.ts"].map((path) => index.opens(path).size)).toEqual([1, 0]);
  });

  const hostile = [
    { name: "30 groups", pattern: "{a,b}".repeat(30) },
    { name: "nested groups", pattern: `${"+(".repeat(20)}a${")".repeat(20)}` },
    { name: "10,000 stars", pattern: "*".repeat(10_000) },
    { name: "stars between letters", pattern: `${"*a".repeat(400)}b` },
    { name: "stars beside classes", pattern: `${"*[ab]".repeat(60)}c` },
    { name: "folders of any depth", pattern: `${"**/a/".repeat(200)}b` },
  ];
  it.each(hostile)("PS09: of a hostile author ends soon and opens nothing: $name", ({ pattern }) => {
    const index = new GateIndex([{ id: "x", paths: [pattern] }]);
    const path = `${"a/".repeat(60)}${"a".repeat(255)}`;
    expect(index.opens(path).size).toBe(0);
  });

  it("is found through its bucket exactly when it matches by itself", () => {
    const name = fc.constantFrom("a", "b", "src", "a.ts", "b.ts", "x.y");
    const part = fc.oneof(name, fc.constantFrom("*", "**", "?", "*.ts", "a*", "[ab]", "*.*"));
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.array(name, { minLength: 1, maxLength: 5 }),
        (parts, path) => {
          const pattern = parts.join("/");
          const found = new GateIndex([{ id: "x", paths: [pattern] }]).opens(path.join("/")).size > 0;
          expect(found).toBe(new Glob(pattern).matches(path));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe("a list of patterns", () => {
  it("expands to 1,000 at most; what passes the budget stands as it is written", () => {
    const big = "{a,b,c,d,e,f,g,h,i,j}".repeat(2);
    const expanded = expandBraces([...Array.from({ length: 10 }, (_, at) => `${String(at)}${big}`), "{x,y}", big]);
    expect(expanded).toHaveLength(1_002);
    expect(expanded.slice(-2)).toEqual(["{x,y}", big]);
  });

  it("expands to 4 MiB at most", () => {
    const long = `${"x".repeat(8_000)}{${Array.from({ length: 900 }, (_, at) => String(at)).join(",")}}`;
    expect(expandBraces([long])).toEqual([long]);
  });
});
