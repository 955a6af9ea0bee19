import { describe, expect, it } from "vitest";
import { PLUGIN_LIMITS } from "../../../marketplace/archives/members.ts";
import { pluginFilesOf } from "../../../marketplace/archives/plugin-root.ts";
import { unpackZip } from "../../../marketplace/archives/zip.ts";
import { DEFAULT_TREE_LIMITS } from "../../../marketplace/store/member-rules.ts";
import { scanTree } from "../../../marketplace/store/tree-scan.ts";
import { memoryTree } from "../../../schemas/formats/memory-tree.ts";
import { zipArchive, type ZipMember } from "../../support/zip-archive.ts";

async function unpack(zip: Buffer, limits = PLUGIN_LIMITS): Promise<Readonly<Record<string, string>>> {
  const files = await unpackZip(zip, "the archive", limits);
  // What names may look like is looked at where the tree is taken in.
  const tree = memoryTree(Object.fromEntries([...files].map(([path, { bytes }]) => [path, bytes])));
  scanTree(tree, { limits: DEFAULT_TREE_LIMITS, onFile: () => undefined });
  return Object.fromEntries([...files].map(([path, { bytes }]) => [path, Buffer.from(bytes).toString()]));
}

const code = (value: string) => expect.objectContaining({ code: value }) as Error;
const LINK = 0o120777;

describe("a zip", () => {
  it("gives its files, packed or not, with folders left out", async () => {
    const members: readonly ZipMember[] = [
      { name: "skills/", mode: 0o040755 },
      { name: "skills/a.md", text: "one" },
      { name: "grüße.md", text: "two", stored: true },
    ];
    expect(await unpack(zipArchive(members))).toEqual({ "skills/a.md": "one", "grüße.md": "two" });
  });

  it("AX08: keeps of a mode only whether it is a program", async () => {
    const modes = [0o104755, 0o102755, 0o100777, 0o100666, 0];
    const zip = zipArchive(modes.map((mode, index) => ({ name: `f${String(index)}`, mode, text: "x" })));
    const files = await unpackZip(zip, "the archive", PLUGIN_LIMITS);
    expect([...files.values()].map(({ executable }) => executable)).toEqual([true, true, true, false, false]);
  });

  it.each<[string, string, readonly ZipMember[]]>([
    ["AX01 a path that climbs", "E_ARCHIVE_PATH", [{ name: "a/../../evil" }]],
    ["AX02 an absolute path", "E_ARCHIVE_PATH", [{ name: "/etc/evil" }]],
    ["AX03 a link and a file behind it", "E_ARCHIVE_LINK", [{ name: "d", text: "..", mode: LINK }, { name: "d/evil" }]],
    ["AX04 an absolute link", "E_ARCHIVE_LINK", [{ name: "d", text: "/etc/passwd", mode: LINK }]],
    ["AX24 a link of Windows", "E_ARCHIVE_LINK", [{ name: "d", dos: 0x400 }]],
    ["AX07 a pipe", "E_ARCHIVE_TYPE", [{ name: "p", mode: 0o010644 }]],
    ["AX07 a device", "E_ARCHIVE_TYPE", [{ name: "p", mode: 0o020644 }]],
    ["AX07 a socket", "E_ARCHIVE_TYPE", [{ name: "p", mode: 0o140644 }]],
    ["a member in code", "E_ARCHIVE_TYPE", [{ name: "p", flags: 0x801 }]],
    ["AX09 names that differ in case", "E_ARCHIVE_PATH", [{ name: "Readme.md" }, { name: "README.md", text: "x" }]],
    ["AX10 NFC and NFD", "E_ARCHIVE_PATH", [{ name: "caf\u00e9.md" }, { name: "cafe\u0301.md" }]],
    ["AX11 a path twice", "E_ARCHIVE_PATH", [{ name: "a" }, { name: "a", text: "y" }]],
    ["AX12 a file below a file", "E_ARCHIVE_PATH", [{ name: "x" }, { name: "x/y" }]],
    ["AX12 a folder in the place of a file", "E_ARCHIVE_PATH", [{ name: "x" }, { name: "x/", mode: 0o040755 }]],
    ["AX13 a backslash", "E_ARCHIVE_PATH", [{ name: "..\\evil" }]],
    ["AX14 a drive", "E_ARCHIVE_PATH", [{ name: "C:evil" }]],
    ["AX14 a share", "E_ARCHIVE_PATH", [{ name: "\\\\server\\share\\x" }]],
    ["AX15 a name that Windows reserves", "E_ARCHIVE_PATH", [{ name: "nul.txt" }]],
    ["AX15 a dot at the end", "E_ARCHIVE_PATH", [{ name: "readme." }]],
    ["AX15 a control character", "E_ARCHIVE_PATH", [{ name: "a\u0001b" }]],
    ["AX16 a hook of git", "E_ARCHIVE_PATH", [{ name: ".GIT/hooks/post-checkout" }]],
    ["a name that is no UTF-8", "E_ARCHIVE_PATH", [{ name: Buffer.from([0x61, 0xff]) }]],
    ["AX17 a bomb", "E_LIMIT_RATIO", [{ name: "zeros", text: Buffer.alloc(4 * 1024 * 1024) }]],
    ["AX19 a file that is too large", "E_LIMIT_FILE", [{ name: "large", declared: 65 * 1024 * 1024 }]],
    ["AX20 a path that is too deep", "E_LIMIT_PATH", [{ name: `${"d/".repeat(40)}x` }]],
    ["AX20 a name that is too long", "E_LIMIT_PATH", [{ name: "n".repeat(300) }]],
    ["AX21 a wrong checksum", "E_ARCHIVE_CORRUPT", [{ name: "a", text: "x", crc: 1 }]],
    ["AX21 nothing", "E_ARCHIVE_CORRUPT", []],
    ["AX23 less than there is", "E_ARCHIVE_CORRUPT", [{ name: "a", text: "more than three", declared: 3 }]],
    ["AX23 more than there is", "E_ARCHIVE_CORRUPT", [{ name: "a", text: "x", declared: 300 }]],
    [
      "AX23 members that share bytes",
      "E_ARCHIVE_CORRUPT",
      [
        { name: "a", text: "x" },
        { name: "a", text: "x", sharesWith: 0 },
      ],
    ],
    ["AX23 two names of one member", "E_ARCHIVE_CORRUPT", [{ name: "good.md", localName: "evil.sh" }]],
  ])("is refused for %s", async (_, expected, members) => {
    await expect(unpack(zipArchive(members))).rejects.toThrow(code(expected));
  });

  it("AX18: is refused for more members than a plugin may have, before any of them is unpacked", async () => {
    const limits = { ...PLUGIN_LIMITS, entries: 10 };
    const many = Array.from({ length: 11 }, (_, index) => ({ name: `f${String(index)}` }));
    await expect(unpack(zipArchive(many), limits)).rejects.toThrow(code("E_LIMIT_ENTRIES"));
  });

  it("is refused when all of it is larger than it may be", async () => {
    const limits = { ...PLUGIN_LIMITS, totalBytes: 100 };
    await expect(unpack(zipArchive([{ name: "a", text: "x".repeat(101) }]), limits)).rejects.toThrow(
      code("E_LIMIT_SIZE"),
    );
  });

  it.each([
    ["that is cut", (whole: Buffer) => whole.subarray(0, -10)],
    ["that is empty", () => Buffer.alloc(0)],
    ["that is a page", () => Buffer.from("<html>")],
    ["with something behind it", () => zipArchive([{ name: "a" }], { after: "garbage" })],
    ["with something before it", () => zipArchive([{ name: "a" }], { before: "#!/bin/sh\n" })],
  ])("AX21 %s is refused", async (_, damage) => {
    await expect(unpack(damage(zipArchive([{ name: "a", text: "x" }])))).rejects.toThrow(code("E_ARCHIVE_CORRUPT"));
  });
});

describe("the plugin of an archive", () => {
  const file = { bytes: new Uint8Array(), executable: false };
  it.each<[string, readonly string[], readonly string[]]>([
    ["at its top", ["plugin.json", "skills/a/SKILL.md"], ["plugin.json", "skills/a/SKILL.md"]],
    ["one folder down", ["tool-1.0/.claude-plugin/plugin.json", "tool-1.0/a"], [".claude-plugin/plugin.json", "a"]],
    ["at its top without a manifest", ["skills/a/SKILL.md"], ["skills/a/SKILL.md"]],
    ["one folder down without a manifest", ["tool/skills/a/SKILL.md"], ["skills/a/SKILL.md"]],
    ["at its top beside others", ["skills/a", "more/b"], ["skills/a", "more/b"]],
  ])("lies %s", (_, paths, expected) => {
    expect([...pluginFilesOf(new Map(paths.map((path) => [path, file]))).keys()]).toEqual(expected);
  });
});
