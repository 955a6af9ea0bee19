import { describe, expect, it } from "vitest";
import { lockIn, reading, SHA512 } from "./lock-files.ts";

/** As bun writes it: commas after last members. */
function bunLock(packages: string, root = `"dependencies": { "a": "^1.0.0", },`, more = ""): string {
  return `{
  "lockfileVersion": 1,
  "workspaces": {
    "": {
      "name": "x",
      ${root}
    },
  },
  ${more}
  "packages": {
    ${packages}
  }
}
`;
}

const entry = (key: string, id: string, info = "{}", from = ""): string =>
  `"${key}": ["${id}", "${from}", ${info}, "${SHA512}"],\n`;

const A = entry("a", "a@1.0.0");

describe("a lock of bun", () => {
  it("gives what is needed, found from the inside out, and leaves out what is of development alone", () => {
    const lock = bunLock(
      entry("a", "a@1.0.0", `{ "dependencies": { "b": "1", "@s/c": "1" }, "bin": "cli.js", }`) +
        entry("b", "b@1.0.0") +
        entry(
          "a/b",
          "b@1.5.0",
          `{ "optionalDependencies": { "d": "1" }, "peerDependencies": { "gone": "1", "dev": "*" }, "optionalPeers": ["dev"] }`,
        ) +
        entry("@s/c", "@s/c@1.2.0", `{ "dependencies": { "b": "1" } }`, "https://npm.example/team/") +
        entry("@s/c/e", "e@1.0.0") +
        entry("d", "d@3.0.0", `{ "os": "darwin", "cpu": ["x64", "arm64"] }`, "https://npm.example/d/-/d-3.0.0.tgz") +
        entry("dev", "dev@1.0.0"),
    );
    const { packages } = lockIn({ "bun.lock": lock });
    expect(packages.map(({ path, version, optional }) => [path, version, optional])).toEqual([
      ["node_modules/@s/c", "1.2.0", false],
      ["node_modules/a", "1.0.0", false],
      ["node_modules/a/node_modules/b", "1.5.0", false],
      ["node_modules/b", "1.0.0", false],
      ["node_modules/d", "3.0.0", true],
    ]);
    expect(packages[0]?.resolved).toBe("https://npm.example/team/@s/c/-/c-1.2.0.tgz");
    expect(packages[1]).toMatchObject({ resolved: undefined, bin: { a: "cli.js" } });
    expect(packages[4]).toMatchObject({
      os: ["darwin"],
      cpu: ["x64", "arm64"],
      resolved: "https://npm.example/d/-/d-3.0.0.tgz",
    });
  });

  it("is read before one of npm", () => {
    expect(lockIn({ "bun.lock": bunLock(A), "package-lock.json": "{" }).file).toBe("bun.lock");
  });

  it.each([
    ["a workspace", bunLock(`"a": ["a@workspace:packages/a"],`), /`a` is not a version of a registry/],
    ["a repository", bunLock(`"a": ["a@git+ssh://git@x/a#1", {}, "x"],`), /not a version of a registry/],
    ["a tarball", bunLock(`"a": ["a@https://evil.example/a.tgz", {}, "${SHA512}"],`), /not a version of a registry/],
    ["no integrity", bunLock(`"a": ["a@1.0.0", "", {}],`), /has no `integrity`/],
    ["an entry that is none", bunLock(`"a": 1,`), /is no locked package/],
    [
      "a key that leaves its folder",
      bunLock(entry("a", "a@1.0.0", `{ "dependencies": { "..": "1" } }`) + entry("a/..", "b@1.0.0")),
      /not from a registry/,
    ],
    [
      "a requirement that is not there",
      bunLock(entry("a", "a@1.0.0", `{ "dependencies": { "b": "1" } }`)),
      /`a` needs `b`, which `bun.lock` lacks/,
    ],
    ["overrides", bunLock(A, undefined, `"overrides": { "b": "1" },`), /`overrides` of `bun.lock` is not followed/],
    ["patches", bunLock(A, undefined, `"patchedDependencies": { "b@1": "p" },`), /`patchedDependencies`/],
    ["another root", bunLock(A, `"dependencies": { "a": "^2.0.0" },`), /do not agree about `a`/],
    ["a newer version", bunLock(A).replace(`"lockfileVersion": 1`, `"lockfileVersion": 3`), /lock file version 3/],
  ])("with %s is refused", (_, lock, message) => {
    const read = reading({ "bun.lock": lock });
    expect(read?.kind === "refused" && read.problem.message).toMatch(message);
  });
});
