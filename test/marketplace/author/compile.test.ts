import { describe, expect, it } from "vitest";
import { compile } from "../../../marketplace/author/pack/compile.ts";
import { isCodedError } from "../../../schemas/errors.ts";

type Files = Readonly<Record<string, string>>;

const sources = (files: Files): ReadonlyMap<string, Uint8Array> =>
  new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));

function compiled(files: Files, entry: string): Files {
  const { written } = compile(sources(files), entry);
  return Object.fromEntries([...written].map(([path, { text }]) => [path, text]));
}

function failure(files: Files, entry = "index.ts"): string {
  try {
    compile(sources(files), entry);
    return "";
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return `${error.code} ${error.where ?? ""}: ${error.message}`;
  }
}

describe("compiling an entry", () => {
  it("replaces types by blanks, so that every line and column stays", () => {
    const text = "interface A { x: number }\nexport default (a: A): number => a.x;\n";
    expect(compiled({ "index.ts": text }, "index.ts")).toEqual({
      "index.js": `${" ".repeat(25)}\nexport default (a   )         => a.x;\n`,
    });
  });

  it("follows imports of every form, and names what the files become", () => {
    const files = {
      "code/index.mts":
        'import { type T, a } from "./a.ts";\nexport * from "../b.mts";\nimport type { U } from "./gone.ts";\nconst c = import("./c.js");\nimport "./d.js";\nimport x from "node:fs";\nconst e = (f: string) => import(`./${f}.js`);\nimport j from "./j.json" with { type: "json" };',
      "code/a.ts": "export const a = 1;",
      "b.mts": 'import { definePlugin } from "plugsmith/plugin-api";',
      "code/c.ts": "export {};",
      "code/d.js": 'import "./a.ts";',
      "code/j.json": "{}",
      "code/other.ts": "export {};",
    };
    const { entry, written, replaced } = compile(sources(files), "code/index.mts");
    expect(entry).toBe("code/index.mjs");
    expect([...replaced].sort()).toEqual(["b.mts", "code/a.ts", "code/c.ts", "code/index.mts"]);
    expect([...written.keys()].sort()).toEqual(["b.mjs", "code/a.js", "code/c.js", "code/d.js", "code/index.mjs"]);
    expect(written.get("code/d.js")?.text).toBe('import "./a.js";');
    expect(written.get("code/index.mjs")?.text.split("\n").slice(0, 4)).toEqual([
      'import {         a } from "./a.js";',
      'export * from "../b.mjs";',
      " ".repeat(35),
      'const c = import("./c.js");',
    ]);
  });

  it("leaves plain JavaScript as it is", () => {
    expect(compiled({ "index.js": 'import "./a.js";', "a.js": "" }, "index.js")).toEqual({});
  });

  it("takes packages that the plugin's own manifest names", () => {
    const files = { "index.js": 'import "@a/b/c"; import "d";' };
    expect(compiled({ ...files, "package.json": '{"dependencies": {"@a/b": "1", "d": "1"}}' }, "index.js")).toEqual({});
    expect(failure({ ...files, "package.json": '{"dependencies": {"d": "1"}}' }, "index.js")).toContain(
      "imports `@a/b/c`",
    );
  });

  it.each([
    ["syntax that has a meaning at run time", { "index.ts": "const a = 1;\nenum X { a }" }, "E_COMPILE index.ts:2"],
    ["no TypeScript", { "index.ts": "const a: = 1;" }, "E_COMPILE index.ts:1"],
    ["no JavaScript", { "index.ts": 'import "./a.js";', "a.js": "import {" }, "E_COMPILE a.js"],
    ["a file that is not there", { "index.ts": 'import "./a.ts";' }, "E_COMPILE index.ts: `index.ts` imports `./a.ts`"],
    [
      "a package that nobody brings",
      { "index.ts": 'import "lodash";' },
      "E_COMPILE index.ts: `index.ts` imports `lodash`",
    ],
    [
      "a file that is there already",
      { "index.ts": "", "index.js": "" },
      "E_COMPILE index.ts: `index.ts` compiles to `index.js`",
    ],
    ["a package manifest that is none", { "index.ts": "", "package.json": "{" }, "E_JSON package.json"],
  ])("refuses %s", (_what, files: Files, expected) => {
    expect(failure(files)).toContain(expected);
  });
});
