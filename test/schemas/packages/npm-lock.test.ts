import { describe, expect, it } from "vitest";
import { ASKS_FOR_A, lockIn, npmEntry, npmLock, pathsIn, reading, SHA512 } from "./lock-files.ts";

const A = { "node_modules/a": npmEntry("a") };

describe("an npm lock", () => {
  it("gives every package that is not of development alone, with what installing needs", () => {
    const lock = npmLock({
      "node_modules/a": npmEntry("a", { bin: { run: "./cli.js" }, hasInstallScript: true }),
      "node_modules/a/node_modules/@s/b": npmEntry("@s/b", { os: ["linux", "!aix"], libc: ["musl"], optional: true }),
      "node_modules/alias": npmEntry("real", { name: "real", devOptional: true }),
      "node_modules/dev": npmEntry("dev", { dev: true }),
      "node_modules/a/node_modules/inside": { version: "2.0.0", inBundle: true },
    });
    const { file, packages, bundled } = lockIn({ "package-lock.json": lock });
    expect(file).toBe("package-lock.json");
    expect([...bundled]).toEqual(["node_modules/a/node_modules/inside"]);
    const none = { optional: false, os: [], cpu: [], libc: [], bin: {}, hasInstallScript: false };
    expect(packages).toEqual([
      {
        ...none,
        path: "node_modules/a",
        name: "a",
        version: "1.0.0",
        resolved: "https://registry.npmjs.org/a/-/a-1.0.0.tgz",
        integrity: SHA512,
        bin: { run: "cli.js" },
        hasInstallScript: true,
      },
      expect.objectContaining({
        path: "node_modules/a/node_modules/@s/b",
        name: "@s/b",
        os: ["linux", "!aix"],
        libc: ["musl"],
        optional: true,
      }),
      expect.objectContaining({ path: "node_modules/alias", name: "real", optional: true }),
    ]);
  });

  it("keeps only the strong digests of an integrity", () => {
    const lock = npmLock({ "node_modules/a": npmEntry("a", { integrity: `sha1-AAAA ${SHA512}` }) });
    expect(lockIn({ "package-lock.json": lock }).packages[0]?.integrity).toBe(SHA512);
  });

  it("is chosen in the order of the package managers", () => {
    const shrunk = npmLock({ ...A, "node_modules/b": npmEntry("b") });
    expect(pathsIn({ "package-lock.json": npmLock(A), "npm-shrinkwrap.json": shrunk })).toHaveLength(2);
  });

  it.each([
    ["without package.json", { "package.json": "" }, undefined],
    ["with development alone", { "package.json": JSON.stringify({ devDependencies: { a: "1" } }) }, undefined],
  ])("needs nothing %s", (_, files, expected) => {
    const all: Record<string, string> = { "package-lock.json": npmLock(A), ...files };
    if (files["package.json"] === "") delete all["package.json"];
    const read = files["package.json"] === "" ? undefined : reading(all);
    expect(read).toBe(expected);
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ["a repository", { resolved: "git+ssh://git@github.com/o/a.git#abc" }, /does not come from a registry over https/],
    ["a folder", { resolved: "file:../a" }, /does not come from a registry/],
    ["plain http", { resolved: "http://registry.example/a/-/a-1.0.0.tgz" }, /over https/],
    ["an address with credentials", { resolved: "https://me:secret@r.example/a.tgz" }, /credentials/],
    ["no integrity", { integrity: undefined }, /has no `integrity`$/],
    ["a forgeable integrity", { integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" }, /stronger than SHA-1/],
    ["a version that is an address", { version: "file:../a" }, /not a version of a registry/],
    ["a link", { link: true }, /a folder of its author's machine/],
    ["a command outside its folder", { bin: { x: "../../evil.js" } }, /the command `x` outside its folder/],
    ["a command with a path", { bin: { "../x": "x.js" } }, /outside its folder/],
    ["a name that is none", { name: "../b" }, /a name that no registry takes/],
    [
      "a requirement of a repository",
      { dependencies: { b: "github:o/b" } },
      /needs `b@github:o\/b`, which is not from/,
    ],
    ["a requirement of a tarball", { dependencies: { b: "https://evil.example/x.tgz" } }, /not from a registry/],
    ["a platform that is no text", { os: [1] }, /a platform that is no text/],
  ])("NP06: with %s is refused where it stands", (_, more, message) => {
    const lock = npmLock({ "node_modules/a": npmEntry("a", more) });
    const read = reading({ "package-lock.json": lock });
    expect(read).toMatchObject({
      kind: "refused",
      problem: { code: "E_PACKAGE_LOCK", severity: "warning", file: "package-lock.json", line: 10, column: 5 },
    });
    expect(read?.kind === "refused" && read.problem.message).toMatch(message);
  });

  it.each([
    "node_modules/..",
    "node_modules/a/../../b",
    "node_modules/.bin",
    "node_modules/node_modules",
    "node_modules/a/lib/node_modules/b",
    "node_modules/@s",
    "/node_modules/b",
    "packages/b",
    "node_modules/b\\c",
  ])("with a package at `%s` is refused", (path) => {
    const read = reading({ "package-lock.json": npmLock({ ...A, [path]: npmEntry("b") }) });
    expect(read).toMatchObject({ kind: "refused", problem: { code: "E_PACKAGE_LOCK" } });
  });

  it.each<[string, Readonly<Record<string, unknown>>, string, RegExp]>([
    ["asks for more than is locked", { dependencies: { a: "^1.0.0", b: "1" } }, npmLock(A), /do not agree about `b`/],
    [
      "asks for less",
      { dependencies: { a: "^1.0.0" } },
      npmLock(A, { dependencies: { a: "^1.0.0", b: "1" } }),
      /about `b`/,
    ],
    ["asks for another range", { dependencies: { a: "^2.0.0" } }, npmLock(A), /do not agree about `a`/],
    [
      "has a version that does not fit",
      { dependencies: { a: "^2.0.0" } },
      npmLock(A, { dependencies: { a: "^2.0.0" } }),
      /about `a`/,
    ],
    ["asks for what is not there", ASKS_FOR_A, npmLock({}), /about `a`/],
    [
      "has overrides",
      { ...ASKS_FOR_A, overrides: { b: "1" } },
      npmLock(A),
      /`overrides` of `package.json` is not followed/,
    ],
    ["has workspaces", { ...ASKS_FOR_A, workspaces: ["x"] }, npmLock(A), /`workspaces`/],
    [
      "asks for a folder",
      { dependencies: { a: "file:../a" } },
      npmLock(A),
      /asks for `a@file:..\/a`, which is not from/,
    ],
    ["is old", ASKS_FOR_A, npmLock(A, ASKS_FOR_A, { lockfileVersion: 1 }), /lock file version 1, and 2 and 3 are read/],
    ["is no object", ASKS_FOR_A, "[]", /`package-lock.json` is no object/],
    ["is no JSON", ASKS_FOR_A, "{", /not valid JSON/],
  ])("that %s is refused", (_, manifest, lock, message) => {
    const read = reading({ "package.json": JSON.stringify(manifest), "package-lock.json": lock });
    expect(read?.kind).toBe("refused");
    expect(read?.kind === "refused" && read.problem.message).toMatch(message);
    expect(read?.kind === "refused" && read.problem.hint).toBeTruthy();
  });

  it("of too many packages is refused", () => {
    const many = Object.fromEntries(Array.from({ length: 5_001 }, (_, at) => [`node_modules/p${at}`, npmEntry("p")]));
    expect(reading({ "package-lock.json": npmLock({ ...A, ...many }) })).toMatchObject({
      problem: { message: expect.stringContaining("locks 5003 packages") as string },
    });
  });

  it.each(["yarn.lock", "pnpm-lock.yaml", "bun.lockb"])("is not what `%s` is", (file) => {
    expect(reading({ [file]: "x" })).toMatchObject({
      kind: "refused",
      problem: { message: `the packages that \`${file}\` locks are not installed`, file },
    });
  });

  it("takes an alias and what is optional as its manager wrote them", () => {
    const asked = { dependencies: { alias: "npm:real@^1.0.0", o: "1" }, optionalDependencies: { o: "1" } };
    const root = { dependencies: { alias: "npm:real@^1.0.0" }, optionalDependencies: { o: "1" } };
    const lock = npmLock({ "node_modules/alias": npmEntry("real", { name: "real" }) }, root);
    expect(pathsIn({ "package.json": JSON.stringify(asked), "package-lock.json": lock })).toEqual([
      "node_modules/alias",
    ]);
  });
});
