import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { unpackPackage } from "../../../marketplace/packages/unpack.ts";
import { packageTarball, tarball, type TarMember } from "../../support/package-tarball.ts";

const MAX = 1_000_000;

async function unpack(bytes: Uint8Array): Promise<Readonly<Record<string, string>>> {
  const files = await unpackPackage(bytes, "`a@1.0.0`", MAX);
  return Object.fromEntries([...files].map(([path, { bytes: own }]) => [path, Buffer.from(own).toString()]));
}

describe("the tarball of a package", () => {
  it("gives its files without the folder that they lie in, whatever that is called", async () => {
    const files: readonly (readonly [string, TarMember])[] = [
      ["any/", { type: "Directory", mode: 0o777 }],
      ["any/a.js", "one"],
      ["./any/lib/b.js", "two"],
    ];
    expect(await unpack(tarball(files))).toEqual({ "a.js": "one", "lib/b.js": "two" });
  });

  it("keeps of a mode only whether it is a program", async () => {
    const files = await unpackPackage(
      packageTarball({}, { "run.sh": { text: "x", mode: 0o6755 }, "plain.js": { text: "x", mode: 0o4666 } }),
      "`a@1.0.0`",
      MAX,
    );
    expect([...files].map(([path, { executable }]) => [path, executable])).toEqual([
      ["package.json", false],
      ["run.sh", true],
      ["plain.js", false],
    ]);
  });

  it.each<[string, string, readonly (readonly [string, TarMember])[]]>([
    ["AX01 a path that climbs", "E_ARCHIVE_PATH", [["package/../../evil", "x"]]],
    ["AX02 an absolute path", "E_ARCHIVE_PATH", [["/etc/evil", "x"]]],
    [
      "AX03 a link that leads out",
      "E_ARCHIVE_LINK",
      [
        ["package/d", { type: "SymbolicLink", linkpath: ".." }],
        ["package/d/evil", "x"],
      ],
    ],
    ["AX04 an absolute link", "E_ARCHIVE_LINK", [["package/d", { type: "SymbolicLink", linkpath: "/etc/passwd" }]]],
    ["AX05 a hard link", "E_ARCHIVE_LINK", [["package/d", { type: "Link", linkpath: "../../secret" }]]],
    ["AX07 a pipe", "E_ARCHIVE_TYPE", [["package/p", { type: "FIFO" }]]],
    ["AX07 a device", "E_ARCHIVE_TYPE", [["package/p", { type: "CharacterDevice" }]]],
    [
      "AX11 a path twice",
      "E_ARCHIVE_PATH",
      [
        ["package/a", "x"],
        ["package/a", "y"],
      ],
    ],
    [
      "AX12 a file below a file",
      "E_ARCHIVE_PATH",
      [
        ["package/x", "x"],
        ["package/x/y", "y"],
      ],
    ],
    [
      "AX12 a file in the place of a directory",
      "E_ARCHIVE_PATH",
      [
        ["package/x/y", "y"],
        ["package/x", "x"],
      ],
    ],
    [
      "AX12 a directory in the place of a file",
      "E_ARCHIVE_PATH",
      [
        ["package/x", "x"],
        ["package/x/", { type: "Directory" }],
      ],
    ],
    ["AX06 a hard link before its file", "E_ARCHIVE_LINK", [["package/l", { type: "Link", linkpath: "package/f" }]]],
    ["AX13 a backslash", "E_ARCHIVE_PATH", [["package/..\\evil", "x"]]],
    ["AX14 a drive", "E_ARCHIVE_PATH", [["C:evil", "x"]]],
    ["a file beside its folder", "E_ARCHIVE_PATH", [["evil", "x"]]],
    ["AX21 nothing", "E_ARCHIVE_CORRUPT", []],
  ])("%s is refused", async (_, code, members) => {
    await expect(unpack(tarball(members))).rejects.toThrow(expect.objectContaining({ code }) as Error);
  });

  it("AX17 that unpacks to more than is allowed is refused before it does", async () => {
    await expect(unpack(gzipSync(Buffer.alloc(MAX * 10)))).rejects.toThrow(
      expect.objectContaining({ code: "E_LIMIT_SIZE" }) as Error,
    );
    await expect(unpackPackage(gzipSync(Buffer.alloc(MAX * 10)), "`a`", MAX * 100)).rejects.toThrow(
      expect.objectContaining({ code: "E_LIMIT_RATIO" }) as Error,
    );
  });

  it.each([
    ["cut in the middle", (whole: Buffer) => whole.subarray(0, whole.length / 2)],
    ["of another form", () => Buffer.from("<html>")],
    ["that is empty", () => Buffer.alloc(0)],
    ["with something behind it", (whole: Buffer) => Buffer.concat([whole, Buffer.from("more")])],
    ["with a wrong checksum", (whole: Buffer) => Buffer.concat([whole.subarray(0, -8), Buffer.alloc(8)])],
    ["whose archive is cut", () => gzipSync(Buffer.alloc(700, "x"))],
  ])("AX21 %s is refused", async (_, damage) => {
    const whole = packageTarball({ name: "a" }, { "a.js": "x".repeat(5_000) });
    await expect(unpack(damage(whole))).rejects.toThrow(
      expect.objectContaining({ code: "E_ARCHIVE_CORRUPT" }) as Error,
    );
  });
});
