import { describe, expect, it } from "vitest";
import { memoryTree, readManifestHead } from "../../../schemas/formats/index.ts";
import { entryOf, filesOf, findingsOf, namesOf, readOf } from "./plugin-fixture.ts";

describe("a manifest file", () => {
  it.each([
    ["name", 5],
    ["name", null],
    ["displayName", []],
    ["version", 1],
    ["description", {}],
    ["author", "me"],
    ["author", { email: "x" }],
    ["homepage", "no address"],
    ["repository", { url: "x" }],
    ["license", ["MIT"]],
    ["keywords", "a,b"],
    ["defaultEnabled", "yes"],
    ["dependencies", { a: "*" }],
    ["settings", []],
    ["userConfig", []],
    ["channels", {}],
    ["skills", { a: 1 }],
    ["commands", 5],
    ["agents", {}],
    ["hooks", 5],
    ["mcpServers", true],
    ["lspServers", null],
    ["outputStyles", 1],
    ["monitors", {}],
    ["experimental", "x"],
    ["plugsmith", []],
  ])("MF02: with `%s` of the wrong type (%j) turns the plugin off, located", (key, value) => {
    const reading = readOf({ name: "p", [key]: value });
    expect(reading.manifest).toBeUndefined();
    expect(reading.diagnostics).toMatchObject([
      { code: "E_SCHEMA", severity: "error", file: ".claude-plugin/plugin.json", line: 1, dropped: "plugin" },
    ]);
  });

  it("MF02: lists every fault at once", () => {
    expect(readOf({ name: 1, version: 2, keywords: 3 }).diagnostics).toHaveLength(3);
  });

  it("that is no JSON turns the plugin off at the place of the fault", () => {
    const reading = readOf(undefined, { ".claude-plugin/plugin.json": '{\n "name": "p",\n}' });
    expect(reading.manifest).toBeUndefined();
    expect(reading.diagnostics).toMatchObject([{ code: "E_JSON", line: 3, dropped: "plugin" }]);
  });

  it.each(["..", ".", "", "a/b", "a\\b", "a\0b", "x".repeat(300), "a b", "a@b", "a:b", "-a", "gіt-tools", "a\u202eb"])(
    "MF04: with name %j is refused",
    (name) => {
      const reading = readOf({ name });
      expect(reading.manifest).toBeUndefined();
      expect(reading.diagnostics[0]).toMatchObject({ severity: "error", dropped: "plugin" });
      expect(["E_NAME", "E_JSON"]).toContain(reading.diagnostics[0]?.code);
    },
  );

  it.each([
    ["1.0", "1.0.0"],
    ["v1.0.0", "1.0.0"],
    ["2", "2.0.0"],
    ["1.2.3-rc.1", "1.2.3-rc.1"],
    ["1.2.3+build.5", "1.2.3"],
    ["1.0.0-01", undefined],
    ["9".repeat(5000), undefined],
    ["١.٠.٠", undefined],
    ["../../x", undefined],
    ["latest", undefined],
  ])("MF03: version %j counts as %j", (version, expected) => {
    const reading = readOf({ name: "p", version });
    expect(reading.manifest).toBeDefined();
    expect(reading.manifest?.version).toBe(expected);
    expect(reading.diagnostics.map(({ code }) => code)).toStrictEqual(expected === undefined ? ["W_VERSION"] : []);
  });

  it("names the components even when the entry has another name", () => {
    expect(readOf({ name: "inner" }, {}, { entry: entryOf({}) }).manifest?.name).toBe("inner");
  });

  it("MF06: may be absent: the entry names the plugin, then the caller, never a folder", () => {
    const files = { "skills/s/SKILL.md": "x" };
    expect(readOf(undefined, files, { entry: entryOf({}), fallbackName: "folder" }).manifest?.name).toBe("listed");
    expect(readOf(undefined, files, { fallbackName: "folder" }).manifest?.name).toBe("folder");
    expect(readOf(undefined, files)).toMatchObject({
      manifest: undefined,
      diagnostics: [{ code: "E_MANIFEST", dropped: "plugin" }],
    });
  });

  it("with unknown keys and free metadata loads", () => {
    expect(readOf({ name: "p", future: 1, metadata: { any: ["thing"] }, icon: "x" }).diagnostics).toStrictEqual([]);
  });

  it("keeps where each field was written, and is frozen", () => {
    const { manifest } = readOf(undefined, {
      ".claude-plugin/plugin.json": '{\n  "name": "p",\n  "version": "1.0.0"\n}',
    });
    expect(manifest?.provenance["version"]).toStrictEqual({ file: ".claude-plugin/plugin.json", line: 3, column: 3 });
    expect(Object.isFrozen(manifest)).toBe(true);
    expect(Object.isFrozen(manifest?.contributions)).toBe(true);
  });

  it("loses prototype keys with a warning", () => {
    const text = '{"name":"p","__proto__":{"polluted":1},"mcpServers":{"a":{"command":"x","env":{"__proto__":"y"}}}}';
    const reading = readOf(undefined, { ".claude-plugin/plugin.json": text });
    expect(reading.manifest?.name).toBe("p");
    expect("polluted" in {}).toBe(false);
    expect(reading.diagnostics.map(({ code }) => code)).toStrictEqual(["W_JSON_DANGEROUS_KEY", "W_JSON_DANGEROUS_KEY"]);
  });
});

describe("options", () => {
  const option = { type: "string", title: "t", description: "d" };
  it.each([
    ["a hyphen in the key", { "api-key": option }],
    ["a digit first", { "1a": option }],
    ["an unknown type", { a: { ...option, type: "text" } }],
    ["a missing title", { a: { type: "string", description: "d" } }],
    ["an unknown key", { a: { ...option, secret: true } }],
    ["`multiple` of a number", { a: { ...option, type: "number", multiple: true } }],
    ["`options` that are secret", { a: { ...option, options: ["x"], sensitive: true, required: true } }],
    ["`options` without default", { a: { ...option, options: ["x"] } }],
    ["a default that is no option", { a: { ...option, options: ["x"], default: "y" } }],
  ])("with %s turn the plugin off", (_, userConfig) => {
    expect(readOf({ name: "p", userConfig })).toMatchObject({
      manifest: undefined,
      diagnostics: [{ code: "E_SCHEMA", dropped: "plugin" }],
    });
  });

  it.each(["${env:AWS_SECRET_ACCESS_KEY}", "${user_config.other}"])(
    "MF07: default %s stays text and is reported",
    (text) => {
      const reading = readOf({ name: "p", userConfig: { a: { ...option, default: text } } });
      expect(reading.manifest?.userConfig["a"]?.default).toBe(text);
      expect(reading.diagnostics.map(({ code }) => code)).toStrictEqual(["W_PLACEHOLDER"]);
    },
  );

  it.each([
    [{ type: "number", default: "3" }, "a number"],
    [{ type: "number", max: 2, default: 3 }, "at most 2"],
    [{ type: "boolean", default: "true" }, "`true` or `false`"],
    [{ multiple: true, default: "a" }, "a list of texts"],
  ])("whose default does not fit are reported: %j", (more, wanted) => {
    const { diagnostics } = readOf({ name: "p", userConfig: { a: { ...option, ...more } } });
    expect(diagnostics).toMatchObject([{ code: "W_OPTION_DEFAULT", message: expect.stringContaining(wanted) }]);
  });

  it("whose names meet in the environment are a fault of the manifest", () => {
    const reading = readOf({ name: "p", userConfig: { key: option, KEY: option } });
    expect(Object.keys(reading.manifest?.userConfig ?? {})).toStrictEqual(["key"]);
    expect(reading.diagnostics).toMatchObject([{ code: "E_MANIFEST", dropped: "option" }]);
  });
});

describe("dependencies", () => {
  it.each([
    ["a name", "a", { name: "a", range: "*" }],
    ["a market", "a@m", { name: "a", market: "m", range: "*" }],
    ["a range", "a@^1.2", { name: "a", range: "^1.2" }],
    ["market and range", "a@m@~2", { name: "a", market: "m", range: "~2" }],
    ["an object", { name: "a", version: ">=1 <2", marketplace: "m" }, { name: "a", market: "m", range: ">=1 <2" }],
  ])("as %s", (_, written, expected) => {
    expect(readOf({ name: "p", dependencies: [written] }).manifest?.dependencies).toMatchObject([expected]);
  });

  it.each([
    ["no name", {}, "E_SCHEMA"],
    ["a path", "../a", "E_MANIFEST"],
    ["a bad range", "a@m@banana", "E_RANGE"],
    ["an endless range", { name: "a", version: "1 || ".repeat(100) }, "E_MANIFEST"],
  ])("with %s turn the plugin off: none is forgotten in silence", (_, written, code) => {
    expect(readOf({ name: "p", dependencies: [written] })).toMatchObject({
      manifest: undefined,
      diagnostics: [{ code, dropped: "plugin" }],
    });
  });
});

describe("the head", () => {
  it("needs only the manifest file", () => {
    const tree = memoryTree(
      filesOf({ name: "p", version: "1.0.0", dependencies: ["a"], defaultEnabled: false, hooks: "./missing.json" }),
    );
    const read: string[] = [];
    const head = readManifestHead({ ...tree, read: (path, bytes) => (read.push(path), tree.read(path, bytes)) });
    expect(head).toMatchObject({
      name: "p",
      version: "1.0.0",
      dependencies: [{ name: "a" }],
      defaultEnabled: false,
      loadable: true,
      diagnostics: [],
    });
    expect(read).toStrictEqual([".claude-plugin/plugin.json"]);
  });

  it("says that a plugin cannot be loaded", () => {
    expect(readManifestHead(memoryTree(filesOf({ name: "a b" })))).toMatchObject({
      loadable: false,
      diagnostics: [{ code: "E_NAME" }],
    });
  });
});

describe("strict reading", () => {
  it("refuses a plugin of which anything was dropped", () => {
    expect(namesOf(readOf({ name: "p", skills: "./missing" }, { "agents/a.md": "x" }).manifest)).toStrictEqual([
      "agent a",
    ]);
    const strict = readOf({ name: "p", skills: "./missing" }, {}, { strict: true });
    expect(strict.manifest).toBeUndefined();
    expect(findingsOf(strict)).toStrictEqual(["E_NOT_FOUND .claude-plugin/plugin.json:1", "E_MANIFEST :1"]);
  });
});
