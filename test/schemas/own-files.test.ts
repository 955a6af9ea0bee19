import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { isCodedError } from "../../schemas/errors.ts";
import { readGeneration, writeGeneration } from "../../schemas/generation-file.ts";
import type { Generation, GenerationPlugin } from "../../schemas/generation.ts";
import { readLockfile, writeLockfile } from "../../schemas/lockfile.ts";
import type { Digest, Lockfile } from "../../schemas/lockfile.ts";
import { generationSchema, intentSchema, lockfileSchema } from "../../schemas/own-files.ts";
import { EMPTY_INTENT, readIntent, writeIntent } from "../../schemas/plugins-json.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import { editIntent, editJson } from "../../schemas/settings-edit.ts";
import type { IntentEdit } from "../../schemas/settings-edit.ts";

const digest = (digit: string): Digest => `sha256-${digit.repeat(64)}`;
const commit = "a".repeat(40);

const LOCK: Lockfile = {
  schema: 1,
  marketplaces: {
    acme: {
      source: { kind: "github", repo: "acme/market", ref: "v1" },
      identity: "github.com/acme/market@v1",
      revision: commit,
    },
    here: {
      source: { kind: "directory", path: "/srv/market" },
      identity: "directory:/srv/market",
      revision: digest("0"),
    },
  },
  plugins: {
    "z@acme": {
      version: "1.0.0",
      source: { kind: "npm", package: "@s/z", version: "1.0.0", integrity: "sha512-AAAA==" },
      tree: digest("1"),
      manifest: digest("2"),
      dependencies: {},
    },
    "a@acme": {
      version: "2.0.0",
      source: { kind: "git", url: "https://github.com/acme/market.git", commit, path: "plugins/a", tag: "a--v2.0.0" },
      tree: digest("3"),
      manifest: digest("4"),
      dependencies: { "z@acme": "^1.0.0", "b@here": "*" },
      entry: { name: "a", source: "./plugins/a" },
      tools: { notes: { add: digest("e"), "list all": digest("f") }, "x.y": { constructor_: digest("9") } },
    },
    "b@here": {
      version: "0",
      source: { kind: "directory", path: "b" },
      tree: digest("5"),
      manifest: digest("6"),
      dependencies: {},
    },
    "c@here": {
      version: "0",
      source: { kind: "archive", url: "https://h.example/c.zip", sha256: "c".repeat(64) },
      tree: digest("7"),
      manifest: digest("8"),
      dependencies: {},
    },
  },
};

describe("plugins.lock", () => {
  it("comes back as it was written, and is equal text for equal locks", () => {
    const text = writeLockfile(LOCK);
    expect(readLockfile(text, "plugins.lock")).toEqual(LOCK);
    const backwards = <T>(map: Readonly<Record<string, T>>) => Object.fromEntries(Object.entries(map).toReversed());
    const a = LOCK.plugins["a@acme"]!;
    const tools = backwards({ ...a.tools, notes: backwards(a.tools!["notes"]!) });
    expect(writeLockfile({ ...LOCK, plugins: backwards({ ...LOCK.plugins, "a@acme": { ...a, tools } }) })).toBe(text);
    expect(parses(lockfileSchema, text)).toBe(true);
  });

  it("without locked tools is the text that it was, an empty map of them included", () => {
    const { tools: _, ...a } = LOCK.plugins["a@acme"]!;
    const text = writeLockfile({ ...LOCK, plugins: { ...LOCK.plugins, "a@acme": a } });
    expect(text).not.toContain('"tools"');
    expect(writeLockfile(readLockfile(text, "plugins.lock"))).toBe(text);
    const empty = text.replace('"entry": {', '"tools": {},\n      "entry": {');
    expect(writeLockfile(readLockfile(empty, "plugins.lock"))).toBe(text);
  });

  it("asks for a sync when a merge left conflict markers", () => {
    const text = writeLockfile(LOCK).replace('  "plugins": {', '<<<<<<< ours\n  "plugins": {\n=======\n>>>>>>> theirs');
    expect(refusal(() => readLockfile(text, "plugins.lock"))).toMatchObject({
      code: "E_STATE_CORRUPT",
      where: "plugins.lock:22:1",
      hint: expect.stringContaining("plugin sync"),
    });
  });

  it.each<[string, (text: string) => string, string]>([
    ["no JSON", () => "{", "E_STATE_CORRUPT"],
    ["an empty file", () => "", "E_STATE_CORRUPT"],
    ["a newer schema", (text) => text.replace('"schema": 1', '"schema": 2'), "E_SCHEMA_NEWER"],
    ["no schema", (text) => text.replace('"schema": 1', '"schema": "1"'), "E_STATE_CORRUPT"],
    ["a repeated key", (text) => text.replace('"z@acme": {', '"z@acme": {}, "z@acme": {'), "E_STATE_CORRUPT"],
    [
      "a prototype key",
      (text) => text.replace('"marketplaces": {', '"marketplaces": {"__proto__": {},'),
      "E_STATE_CORRUPT",
    ],
    ["an id that is none", (text) => text.replace('"z@acme": {', '"z": {'), "E_STATE_CORRUPT"],
    ["a pseudo-marketplace", (text) => text.replace('"acme": {', '"local": {'), "E_STATE_CORRUPT"],
    ["a short digest", (text) => text.replace("sha256-1", "sha256-"), "E_STATE_CORRUPT"],
    ["a short commit", (text) => text.replaceAll(commit, "abc1234"), "E_GIT_REF"],
    ["a transport helper", (text) => text.replace("https://github.com/acme/market.git", "ext::sh"), "E_GIT_URL"],
    ["an escaping path", (text) => text.replace('"path": "plugins/a"', '"path": "../a"'), "E_STATE_CORRUPT"],
    ["an unknown kind", (text) => text.replace('"kind": "npm"', '"kind": "zip"'), "E_STATE_CORRUPT"],
    ["a package that is none", (text) => text.replace("@s/z", "file:x"), "E_STATE_CORRUPT"],
    ["integrity that is none", (text) => text.replace("sha512-AAAA==", "md5-x"), "E_STATE_CORRUPT"],
    ["a digest of a tool that is none", (text) => text.replace(digest("e"), "sha256-A"), "E_STATE_CORRUPT"],
    ["a tool without digest", (text) => text.replace(`"${digest("f")}"`, "null"), "E_STATE_CORRUPT"],
    ["tools that are a list", (text) => text.replace('"tools": {', '"tools": [], "t": {'), "E_STATE_CORRUPT"],
    ["a server that is none", (text) => text.replace('"notes": {', '"notes": "x", "n": {'), "E_STATE_CORRUPT"],
    ["a tool `__proto__`", (text) => text.replace('"add"', '"__proto__"'), "E_STATE_CORRUPT"],
    ["a tool `constructor`", (text) => text.replace('"constructor_"', '"constructor"'), "E_STATE_CORRUPT"],
    ["a tool twice", (text) => text.replace('"list all"', '"add"'), "E_STATE_CORRUPT"],
    ["a tool without a name", (text) => text.replace('"add"', '""'), "E_STATE_CORRUPT"],
    ["a hidden character in a name", (text) => text.replace('"add"', '"a\u200bdd"'), "E_STATE_CORRUPT"],
    ["a long name of a server", (text) => text.replace('"notes"', `"${"n".repeat(201)}"`), "E_STATE_CORRUPT"],
    ["too many tools", (text) => text.replace('"add"', `${many(1_000)} "add"`), "E_STATE_CORRUPT"],
    ["too many servers", (text) => text.replace('"notes": {', `${many(200, "{}")} "notes": {`), "E_STATE_CORRUPT"],
    ["a dependency that is no text", (text) => text.replace('"^1.0.0"', "1"), "E_STATE_CORRUPT"],
  ])("refuses %s", (_what, damage, code) => {
    const found = refusal(() => readLockfile(damage(writeLockfile(LOCK)), "plugins.lock"));
    expect(found).toMatchObject({
      code,
      where: expect.stringMatching(/^plugins\.lock:\d+:\d+$/),
      hint: expect.any(String),
    });
  });
});

/** So many members, with a comma after each. */
function many(count: number, value = `"${digest("d")}"`): string {
  return Array.from({ length: count }, (_, at) => `"m${String(at)}": ${value},`).join(" ");
}

const INTENT: Intent = {
  schema: 1,
  marketplaces: { acme: { kind: "github", repo: "acme/market", ref: "v1" } },
  plugins: {
    "fmt@acme": { range: "^1.2", enabled: true },
    "x@acme": { range: "*", enabled: false },
    "y@local": { range: "*", enabled: true, path: "./plugins/y" },
  },
  overrides: { "z@acme": "1.0.0" },
  disabledComponents: { "fmt@acme": ["mcp/x"] },
};

describe("plugins.json", () => {
  it("comes back as it was written, in its surface form", () => {
    const text = writeIntent(INTENT);
    expect(JSON.parse(text)).toEqual({
      schema: 1,
      marketplaces: { acme: { source: "github", repo: "acme/market", ref: "v1" } },
      plugins: { "fmt@acme": "^1.2", "x@acme": { version: "*", enabled: false }, "y@local": { path: "./plugins/y" } },
      overrides: { "z@acme": "1.0.0" },
      disabledComponents: { "fmt@acme": ["mcp/x"] },
    });
    expect(readIntent(text, "plugins.json")).toEqual(INTENT);
    expect(readIntent(writeIntent(EMPTY_INTENT), "plugins.json")).toEqual(EMPTY_INTENT);
    expect(parses(intentSchema, text)).toBe(true);
  });

  it("allows comments and unknown fields, and only a schema", () => {
    const text = '// ours\n{ "schema": 1, /* later */ "plugins": { "a@m": "https://not-a-comment" }, "colour": "red" }';
    expect(readIntent(text, "plugins.json").plugins).toEqual({
      "a@m": { range: "https://not-a-comment", enabled: true },
    });
    expect(readIntent('{"schema":1}', "plugins.json")).toEqual(EMPTY_INTENT);
  });

  it.each([
    ["no JSON", "{", "E_JSON", "plugins.json:1:2"],
    ["a newer schema", '{\n"schema": 2}', "E_SCHEMA_NEWER", "plugins.json:2:11"],
    ["no schema", "{}", "E_SCHEMA", "plugins.json:1:1"],
    ["a repeated key", '{"schema":1,\n"schema":1}', "E_JSON", "plugins.json:2:1"],
    ["an id that is none", '{"schema":1,"plugins":{"a":"*"}}', "E_SCHEMA", "plugins.json:1:28"],
    ["a range that is no text", '{"schema":1,"plugins":{"a@m":1}}', "E_SCHEMA", "plugins.json:1:30"],
    ["a path outside `local`", '{"schema":1,"plugins":{"a@m":{"path":"x"}}}', "E_SCHEMA", "plugins.json:1:38"],
    ["`local` without a path", '{"schema":1,"plugins":{"a@local":{}}}', "E_SCHEMA", "plugins.json:1:34"],
    [
      "a source that is none",
      '{"schema":1,"marketplaces":{"m":{"source":"zip"}}}',
      "E_SOURCE_UNSUPPORTED",
      "plugins.json:1:33",
    ],
    [
      "an escaping source",
      '{"schema":1,"marketplaces":{"m":{"source":"github","repo":"o/r","path":"../x"}}}',
      "E_PATH_ESCAPE",
      "plugins.json:1:33",
    ],
    ["a reserved marketplace", '{"schema":1,"marketplaces":{"local":{}}}', "E_SCHEMA", "plugins.json:1:37"],
    ["components that are no list", '{"schema":1,"disabledComponents":{"a@m":"x"}}', "E_SCHEMA", "plugins.json:1:41"],
  ])("refuses %s", (_what, text, code, where) => {
    expect(refusal(() => readIntent(text, "plugins.json"))).toMatchObject({ code, where });
  });
});

describe("editIntent", () => {
  const text = `{
    // what we want
    "schema": 1,
    "colour": "red",
    "plugins": {
        "b@m": "^1", // pinned
        "a@m": { "version": "^1", "note": "mine" },
    }
}
`.replace("},\n    }", "}\n    }");

  it.each<[string, IntentEdit | readonly IntentEdit[], (text: string) => string]>([
    [
      "changes a range in place",
      { kind: "plugin", id: "b@m", plugin: { range: "^2", enabled: true } },
      (old) => old.replace('"b@m": "^1"', '"b@m": "^2"'),
    ],
    [
      "changes a member and keeps unknown ones",
      { kind: "plugin", id: "a@m", plugin: { range: "^2", enabled: true } },
      (old) => old.replace('"version": "^1"', '"version": "^2"'),
    ],
    [
      "changes nothing when it is so already",
      { kind: "plugin", id: "b@m", plugin: { range: "^1", enabled: true } },
      (old) => old,
    ],
    ["removes what is absent without a trace", { kind: "plugin", id: "c@m" }, (old) => old],
    [
      "adds a section with the file's own indentation",
      { kind: "marketplace", name: "m", source: { kind: "github", repo: "o/r" } },
      (old) =>
        old.replace(
          '"note": "mine" }\n    }',
          '"note": "mine" }\n    },\n    "marketplaces": {\n        "m": {\n            "source": "github",\n            "repo": "o/r"\n        }\n    }',
        ),
    ],
  ])("%s", (_what, edit, expected) => {
    expect(editIntent(text, edit)).toBe(expected(text));
  });

  it("begins a file, applies several edits and reads back", () => {
    const written = editIntent(undefined, [
      { kind: "marketplace", name: "acme", source: { kind: "github", repo: "acme/market", ref: "v1" } },
      { kind: "plugin", id: "fmt@acme", plugin: { range: "^1.2", enabled: true } },
      { kind: "plugin", id: "gone@acme", plugin: { range: "*", enabled: true } },
      { kind: "plugin", id: "x@acme", plugin: { range: "*", enabled: true } },
      { kind: "plugin", id: "x@acme", plugin: { range: "*", enabled: false } },
      { kind: "plugin", id: "y@local", plugin: { range: "*", enabled: true, path: "./plugins/y" } },
      { kind: "override", id: "z@acme", range: "1.0.0" },
      { kind: "disabled-components", id: "fmt@acme", components: ["mcp/x"] },
      { kind: "plugin", id: "gone@acme" },
    ]);
    expect(readIntent(written, "plugins.json")).toEqual(INTENT);
  });

  it("keeps comments, a byte order mark and line ends when it removes", () => {
    const windows = `\uFEFF${text.replaceAll("\n", "\r\n")}`;
    const edited = editIntent(windows, { kind: "plugin", id: "a@m" });
    expect(edited).toContain("// what we want\r\n");
    expect(edited.startsWith("\uFEFF{")).toBe(true);
    expect(edited.replaceAll("\r\n", "")).not.toContain("\n");
    expect(readIntent(edited, "plugins.json").plugins).toEqual({ "b@m": { range: "^1", enabled: true } });
  });

  it("refuses to edit what it cannot read", () => {
    expect(refusal(() => editIntent("{", { kind: "plugin", id: "a@m" }))).toMatchObject({ code: "E_JSON" });
    expect(refusal(() => editJson("[]", [], "settings.json"))).toMatchObject({ code: "E_SCHEMA" });
  });
});

const PLUGIN: GenerationPlugin = {
  id: "fmt@acme",
  version: "1.2.0",
  tree: digest("1"),
  manifest: digest("2"),
  format: "claude-code",
  source: { kind: "directory", path: "fmt" },
  enabled: true,
  requested: true,
  scope: "user",
  disabledComponents: ["mcp/x"],
  dependencies: { "z@acme": "^1" },
  consent: "",
  provides: { skill: 2 },
  tokens: 12,
  bytes: 345,
  installedAt: "2026-01-01T00:00:00.000Z",
};
const GENERATION: Generation = {
  schema: 1,
  number: 7,
  parent: 6,
  createdAt: "2026-01-01T00:00:00.000Z",
  verb: "add fmt@acme",
  root: "user",
  roots: {
    user: {
      lockDigest: "",
      plugins: [
        PLUGIN,
        { ...PLUGIN, id: "y@acme", packages: { problem: "no network", hint: "try again" } },
        { ...PLUGIN, id: "z@acme", packages: { tree: digest("3"), count: 2 }, tools: { s: { t: digest("4") } } },
      ],
    },
    "/srv/p\u00e9": { lockDigest: digest("9"), plugins: [] },
  },
  audit: ["x"],
};

describe("a generation", () => {
  it("comes back as it was written, and is equal text for equal generations", () => {
    const text = writeGeneration(GENERATION);
    expect(readGeneration(text, "7.json")).toEqual(GENERATION);
    const user = { lockDigest: "", plugins: GENERATION.roots["user"]!.plugins.toReversed() };
    expect(writeGeneration({ ...GENERATION, roots: { ...GENERATION.roots, user } })).toBe(text);
    expect(parses(generationSchema, text)).toBe(true);
  });

  it("is read also when somebody laid it out", () => {
    expect(readGeneration(JSON.stringify(GENERATION, null, 2), "7.json")).toEqual(GENERATION);
  });

  it.each<[string, (text: string) => string, string]>([
    ["an empty file", () => "", "E_STATE_CORRUPT"],
    ["zeros", () => "\0".repeat(100), "E_STATE_CORRUPT"],
    ["a cut file", (text) => text.slice(0, -20), "E_STATE_CORRUPT"],
    ["a newer schema", (text) => text.replace('"schema":1', '"schema":2'), "E_SCHEMA_NEWER"],
    ["a repeated key", (text) => text.replace('"number":7', '"number":7,"number":8'), "E_STATE_CORRUPT"],
    ["a prototype key", (text) => text.replace('"number":7', '"number":7,"__proto__":{}'), "E_STATE_CORRUPT"],
    [
      "an escaped prototype key",
      (text) => text.replace('"number":7', String.raw`"number":7,"\u005f_proto__":{}`),
      "E_STATE_CORRUPT",
    ],
    ["a number that is none", (text) => text.replace('"number":7', '"number":"7"'), "E_STATE_CORRUPT"],
    ["roots that are none", (text) => text.replace('"roots":{', '"roots":[],"r":{'), "E_STATE_CORRUPT"],
    ["a plugin without digest", (text) => text.replace(digest("1"), "sha1-x"), "E_STATE_CORRUPT"],
    ["a plugin of no scope", (text) => text.replace('"scope":"user"', '"scope":"all"'), "E_STATE_CORRUPT"],
    ["a tree of packages without digest", (text) => text.replace(digest("3"), "sha1-x"), "E_STATE_CORRUPT"],
    ["a tool without digest", (text) => text.replace(digest("4"), "x"), "E_STATE_CORRUPT"],
    ["packages without a tree or a reason", (text) => text.replace('"problem"', '"other"'), "E_STATE_CORRUPT"],
    ["a count that is none", (text) => text.replace('"skill":2', '"skill":"2"'), "E_STATE_CORRUPT"],
  ])("refuses %s", (_what, damage, code) => {
    expect(refusal(() => readGeneration(damage(writeGeneration(GENERATION)), "7.json"))).toMatchObject({
      code,
      where: expect.stringContaining("7.json"),
    });
  });
});

function parses(schema: z.ZodType, text: string): boolean {
  return schema.safeParse(JSON.parse(text)).success;
}

function refusal(
  run: () => unknown,
): { code: string; where: string | undefined; hint: string | undefined } | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { code: error.code, where: error.where, hint: error.hint };
  }
}
