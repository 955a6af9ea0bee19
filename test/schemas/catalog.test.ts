import { describe, expect, it, vi } from "vitest";
import { catalogFromSnapshot, catalogToSnapshot, entryNamed } from "../../schemas/catalog-snapshot.ts";
import { isCodedError } from "../../schemas/errors.ts";
import { readCatalog, resolveRename, validateCatalog } from "../../schemas/marketplace.ts";

const owner = { name: "Acme" };
const entry = { name: "fmt", source: "./plugins/fmt" };

describe("readCatalog", () => {
  it("reads entries of every source kind with their places", () => {
    const { value, diagnostics } = read({
      name: "acme",
      owner,
      metadata: { description: "tools", pluginRoot: "./plugins" },
      plugins: [
        {
          ...entry,
          version: "1.0.0",
          tags: ["a"],
          strict: false,
          dependencies: ["base", { name: "x", version: "^1", marketplace: "other" }],
        },
        { name: "bare", source: "bare" },
        { name: "root", source: "./" },
        { name: "gh", source: { source: "github", repo: "o/r", ref: "v1", sha: "A".repeat(40) } },
        { name: "url", source: { source: "url", url: "https://h.example/x.git", path: "sub" } },
        { name: "sub", source: { source: "git-subdir", url: "o/r", path: "./p" } },
        { name: "npm", source: { source: "npm", package: "@s/p", version: "^1.0.0" } },
        { name: "zip", source: { source: "archive", url: "https://h.example/x.zip", sha256: "b".repeat(64) } },
        { name: "cmd", source: { source: "command", command: "find-plugin" } },
        { name: "new", source: { source: "carrier-pigeon" } },
      ],
    });
    expect(value.entries.map(({ name, source }) => [name, source])).toEqual([
      ["fmt", { kind: "relative", path: "plugins/fmt" }],
      ["bare", { kind: "relative", path: "plugins/bare" }],
      ["root", { kind: "relative", path: "" }],
      ["gh", { kind: "github", repo: "o/r", ref: "v1", sha: "a".repeat(40) }],
      ["url", { kind: "git", url: "https://h.example/x.git", path: "sub", pathIsFallback: true }],
      ["sub", { kind: "github", repo: "o/r", path: "p" }],
      ["npm", { kind: "npm", package: "@s/p", version: "^1.0.0" }],
      ["zip", { kind: "archive", url: "https://h.example/x.zip", sha256: "b".repeat(64) }],
      ["cmd", { kind: "command", command: "find-plugin" }],
      ["new", { kind: "unsupported", type: "carrier-pigeon" }],
    ]);
    expect(value).toMatchObject({ name: "acme", description: "tools", pluginRoot: "plugins", owner });
    expect(value.entries[0]).toMatchObject({
      strict: false,
      version: "1.0.0",
      tags: ["a"],
      where: { file: "m.json", line: 11 },
    });
    expect(value.entries[0]?.dependencies).toMatchObject([
      { name: "base", range: "*" },
      { name: "x", range: "^1", market: "other" },
    ]);
    expect(diagnostics.map(({ code }) => code)).toEqual(["W_SOURCE_UNSUPPORTED"]);
  });

  it.each([
    ["MK02 a source above the root", { ...entry, source: "../../other" }, "E_PATH_ESCAPE"],
    ["MK02 an absolute source", { ...entry, source: "/etc" }, "E_PATH_ESCAPE"],
    ["MK02 a home source", { ...entry, source: "~/x" }, "E_PATH_ESCAPE"],
    ["MK02 a file URL", { ...entry, source: "file:///etc" }, "E_PATH_ESCAPE"],
    ["MK02 a file URL in an object", { ...entry, source: { source: "url", url: "file:///etc" } }, "E_PATH_ESCAPE"],
    ["MK02 a local path as URL", { ...entry, source: { source: "url", url: "/etc" } }, "E_PATH_ESCAPE"],
    [
      "MK02 an escaping sub-directory",
      { ...entry, source: { source: "git-subdir", url: "o/r", path: "a/../../b" } },
      "E_PATH_ESCAPE",
    ],
    ["a backslash", { ...entry, source: "./a\\b" }, "E_PATH"],
    ["GT01 a transport helper", { ...entry, source: { source: "url", url: "ext::sh" } }, "E_GIT_URL"],
    ["GT04 a bad ref", { ...entry, source: { source: "github", repo: "o/r", ref: "--output=x" } }, "E_GIT_REF"],
    ["GT10 a short sha", { ...entry, source: { source: "github", repo: "o/r", sha: "abc1234" } }, "E_GIT_REF"],
    ["NP05 a git package", { ...entry, source: { source: "npm", package: "git+ssh://h/x" } }, "E_SOURCE_INVALID"],
    ["NP05 a folder package", { ...entry, source: { source: "npm", package: "file:../.." } }, "E_SOURCE_INVALID"],
    ["NP05 a tarball", { ...entry, source: { source: "npm", package: "https://h.example/x.tgz" } }, "E_SOURCE_INVALID"],
    [
      "NP05 an alias",
      { ...entry, source: { source: "npm", package: "a", version: "npm:other@1" } },
      "E_SOURCE_INVALID",
    ],
    [
      "NP05 a shell character",
      { ...entry, source: { source: "npm", package: "a", version: "latest;rm" } },
      "E_SOURCE_INVALID",
    ],
    ["NP05 a parent in a scope", { ...entry, source: { source: "npm", package: "@scope/../x" } }, "E_SOURCE_INVALID"],
    ["NP05 dots", { ...entry, source: { source: "npm", package: ".." } }, "E_SOURCE_INVALID"],
    ["an http archive", { ...entry, source: { source: "archive", url: "http://h.example/x.zip" } }, "E_SOURCE_INVALID"],
    ["a long command", { ...entry, source: { source: "command", command: "x".repeat(501) } }, "E_SOURCE_INVALID"],
    ["no source", { name: "fmt" }, "E_ENTRY"],
    ["no name", { source: "./x" }, "E_ENTRY"],
    ["no object", "fmt", "E_ENTRY"],
    ["NM06 a bad name", { ...entry, name: "a b" }, "E_NAME"],
    ["MF04 a dangerous name", { ...entry, name: ".." }, "E_NAME"],
    ["a source without kind", { ...entry, source: { repo: "o/r" } }, "E_SCHEMA"],
    ["a dependency that is none", { ...entry, dependencies: [3] }, "E_SCHEMA"],
  ])("drops an entry with %s and keeps the others", (_what, bad, code) => {
    const { value, diagnostics } = read(
      { name: "acme", owner, plugins: [{ name: "a", source: "./a" }, bad, { name: "z", source: "./z" }] },
      true,
    );
    expect(value.entries.map(({ name }) => name)).toEqual(["a", "z"]);
    expect(diagnostics).toMatchObject([{ code, severity: "error", file: "m.json", dropped: "plugin" }]);
    expect(diagnostics[0]?.line).toBeGreaterThan(1);
    expect(diagnostics[0]?.hint).toBeTruthy();
  });

  it("collapses identical entries and makes different ones of a name ambiguous (MK01, NM04)", () => {
    const { value, diagnostics } = read({
      name: "acme",
      owner,
      plugins: [
        entry,
        { name: "a", source: "./a" },
        entry,
        { name: "Lint", source: "./l1" },
        { name: "lint", source: "./l2" },
        { name: "my_plugin", source: "./m1" },
        { name: "my-plugin", source: "./m2" },
      ],
    });
    expect(value.entries.map(({ name }) => name)).toEqual(["fmt", "a"]);
    expect(value.ambiguous).toEqual([
      { name: "Lint", lines: [19, 23] },
      { name: "lint", lines: [19, 23] },
      { name: "my_plugin", lines: [27, 31] },
      { name: "my-plugin", lines: [27, 31] },
    ]);
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([
      ["W_CATALOG_REPEATED", "warning"],
      ["E_AMBIGUOUS", "error"],
      ["E_AMBIGUOUS", "error"],
    ]);
  });

  it("leaves out a field of a wrong type and says so", () => {
    const { value, diagnostics } = read({
      name: "acme",
      owner,
      plugins: [{ ...entry, description: 3, tags: ["a", 1], strict: "no" }],
    });
    expect(value.entries).toMatchObject([{ name: "fmt", tags: [], strict: true }]);
    expect(value.entries[0]).not.toHaveProperty("description");
    expect(diagnostics.map(({ code, dropped }) => [code, dropped])).toEqual(
      Array.from({ length: 3 }, () => ["E_SCHEMA", "field"]),
    );
  });

  it("drops prototype keys and repeated keys of an entry with a warning (MK09)", () => {
    const text =
      '{"name":"acme","owner":{"name":"A"},"plugins":[{"name":"fmt","source":"./a","__proto__":{"x":1},"source":"./b"}]}';
    const { value, diagnostics } = readCatalog(text, { file: "m.json" });
    expect(value.entries).toMatchObject([{ source: { path: "b" } }]);
    expect(Object.keys(value.entries[0]?.raw ?? {})).toEqual(["name", "source"]);
    expect(diagnostics.map(({ code }) => code)).toEqual(["W_JSON_DANGEROUS_KEY", "W_JSON_DUPLICATE_KEY"]);
  });

  it.each([
    ["no JSON", "{", "E_JSON"],
    ["no object", "[]", "E_CATALOG"],
    ["no name", { plugins: [] }, "E_CATALOG"],
    ["no plugins", { name: "acme" }, "E_CATALOG"],
    ["MK05 a pseudo-name", { name: "skills-dir", plugins: [] }, "E_NAME"],
    ["MK05 one of our names", { name: "Local", plugins: [] }, "E_NAME"],
    ["a bad name", { name: "a/b", plugins: [] }, "E_NAME"],
    ["MK08 20,001 entries", { name: "acme", plugins: Array.from({ length: 20_001 }, () => 0) }, "E_LIMIT_ENTRIES"],
    ["MK08 more than 8 MB", { name: "acme", plugins: [], x: "x".repeat(8_000_000) }, "E_LIMIT_SIZE"],
    ["MK10 100,000 levels", "[".repeat(100_000), "E_LIMIT_DEPTH"],
    ["MK11 UTF-16", Buffer.from("{}", "utf16le").toString("latin1"), "E_JSON"],
  ])("refuses a catalog with %s", (_what, catalog, code) => {
    const text = typeof catalog === "string" ? catalog : JSON.stringify(catalog);
    expect(codeOf(() => readCatalog(text, { file: "m.json" }))).toBe(code);
    expect(validateCatalog(text, { file: "m.json" })).toMatchObject([
      { code, severity: "error", dropped: "marketplace" },
    ]);
  });

  it("gives notice of another vendor's name (MK05)", () => {
    expect(read({ name: "claude-plugins-official", owner, plugins: [] }).diagnostics).toMatchObject([
      { code: "I_VENDOR_NAME", severity: "info" },
    ]);
  });

  it("follows chains of renames and drops those that hijack, leave, loop or dangle (MK06)", () => {
    const { value, diagnostics } = read({
      name: "acme",
      owner,
      plugins: [entry],
      renames: {
        old: "older",
        older: "fmt",
        gone: null,
        fmt: "x",
        out: "fmt@other",
        a: "b",
        b: "a",
        nowhere: "absent",
        bad: 3,
        "a b": "fmt",
      },
    });
    expect(value.renames).toEqual({ old: "older", older: "fmt", gone: null });
    expect(diagnostics.map(({ message }) => /`(.*?)`/.exec(message)?.[1])).toEqual([
      "fmt",
      "out",
      "bad",
      "a b",
      "a",
      "b",
      "nowhere",
    ]);
    expect(["old", "older", "gone", "fmt", "toString"].map((name) => resolveRename(value, name))).toEqual([
      "fmt",
      "fmt",
      null,
      undefined,
      undefined,
    ]);
  });

  it("reads 20,000 entries without going quadratic", () => {
    const plugins = Array.from({ length: 20_000 }, (_, index) => ({ name: `p${index}`, source: `./p${index}` }));
    expect(read({ name: "acme", owner, plugins }).value.entries).toHaveLength(20_000);
  });
});

describe("validateCatalog", () => {
  it("asks for an owner and warns of what a reader would ignore", () => {
    const found = validateCatalog(
      JSON.stringify({
        name: "acme",
        colour: "red",
        plugins: [
          { ...entry, name: "claude-x", colour: "red" },
          { ...entry, name: "Fmt_2" },
        ],
      }),
      { file: "m.json" },
    );
    expect(found.map(({ code, severity }) => [code, severity])).toEqual([
      ["W_UNKNOWN_KEY", "warning"],
      ["E_SCHEMA", "error"],
      ["W_FIELD_MISSING", "warning"],
      ["W_UNKNOWN_KEY", "warning"],
      ["E_NAME", "error"],
      ["W_NAME_STYLE", "warning"],
    ]);
  });

  it("finds nothing in a good catalog", () => {
    expect(
      validateCatalog(JSON.stringify({ name: "acme", owner, description: "tools", plugins: [entry] }), {
        file: "m.json",
      }),
    ).toEqual([]);
  });
});

describe("catalog snapshots", () => {
  it("come back as they were", () => {
    const { value } = read({
      name: "acme",
      owner,
      plugins: [entry, { name: "x", source: { source: "zip" } }],
      renames: { old: "fmt" },
    });
    const stored = catalogFromSnapshot(Buffer.from(catalogToSnapshot(value).join("")), "s.json");
    expect(stored).toEqual(value);
    expect(catalogToSnapshot(stored)).toEqual(catalogToSnapshot(value));
  });

  it("come back whole from several parts", () => {
    const plugins = Array.from({ length: 1_001 }, (_, at) => ({ ...entry, name: `p${String(at)}` }));
    const { value } = read({ name: "acme", owner, plugins });
    const parts = catalogToSnapshot(value);
    expect(parts).toHaveLength(3);
    expect(catalogFromSnapshot(Buffer.from(parts.join("")), "s.json")).toEqual(value);
  });

  it("parse an entry that is asked for by name, and no other", () => {
    const { value } = read({
      name: "acme",
      owner,
      plugins: [entry, { ...entry, name: "fmt-2", description: "a\n{}" }],
    });
    const stored = catalogFromSnapshot(Buffer.from(catalogToSnapshot(value).join("")), "s.json");
    const parse = vi.spyOn(JSON, "parse");
    expect(["fmt", "fmt-2", "fm", "other"].map((name) => entryNamed(stored, name)?.name)).toEqual([
      "fmt",
      "fmt-2",
      undefined,
      undefined,
    ]);
    expect(parse).toHaveBeenCalledTimes(2);
    parse.mockRestore();
    expect(entryNamed(stored, "fmt-2")).toEqual(value.entries[1]);
  });

  it("with one changed byte are refused, also in an entry that nobody asks for", () => {
    const { value } = read({ name: "acme", owner, plugins: [entry] });
    const text = catalogToSnapshot(value).join("").replace('"fmt"', '"fmz"');
    expect(codeOf(() => catalogFromSnapshot(Buffer.from(text), "s.json"))).toBe("E_STATE_CORRUPT");
  });

  it.each([
    ["", "E_STATE_CORRUPT"],
    ["{}", "E_STATE_CORRUPT"],
    ['{"schema":1,"catalog":{"name":"a"}}', "E_STATE_CORRUPT"],
    ['{"schema":2}', "E_STATE_CORRUPT"],
    ['{"schema":3}', "E_SCHEMA_NEWER"],
  ])("refuses %j with %s", (text, code) => {
    expect(codeOf(() => catalogFromSnapshot(Buffer.from(text), "s.json"))).toBe(code);
  });
});

function read(catalog: unknown, remote: boolean = false): ReturnType<typeof readCatalog> {
  return readCatalog(JSON.stringify(catalog, null, 2), { file: "m.json", remote });
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return error.code;
  }
}
