import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { archive, type ArchiveFile } from "../../../marketplace/archives/write-tarball.ts";
import { keepPackages } from "../../../marketplace/bundle/keep-packages.ts";
import { bundleIndexText, packageFile } from "../../../marketplace/bundle/layout.ts";
import { readBundle } from "../../../marketplace/bundle/read-bundle.ts";
import { type Digest, writeLockfile } from "../../../schemas/lockfile.ts";
import { EMPTY_INTENT, writeIntent } from "../../../schemas/plugins-json.ts";
import { treeDigest, type TreeMember } from "../../../schemas/tree-digest.ts";
import { integrityOf, tarball, type TarMember } from "../../support/package-tarball.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

type Members = readonly (readonly [path: string, member: TarMember])[];

const SKILL = "---\nname: a\ndescription: d\n---\nx\n";
const FILES: Readonly<Record<string, string>> = { "skills/a/SKILL.md": SKILL, "run.sh": "echo\n" };
const MEMBERS: readonly TreeMember[] = Object.entries(FILES).map(([path, text]) => ({
  kind: "file",
  path,
  executable: path.endsWith(".sh"),
  bytes: text.length,
  sha256: createHash("sha256").update(text).digest("hex"),
}));
const TREE = treeDigest(MEMBERS.toSorted((left, right) => (left.path < right.path ? -1 : 1)));
const SOURCE = { kind: "git", url: "https://git.example/acme.git" } as const;

function lockText(tree: Digest = TREE): string {
  return writeLockfile({
    schema: 1,
    marketplaces: { acme: { source: SOURCE, identity: "git.example/acme", revision: "c".repeat(40) } },
    plugins: {
      "a@acme": {
        version: "1.0.0",
        source: { kind: "git", url: SOURCE.url, commit: "c".repeat(40), path: "a" },
        tree,
        manifest: TREE,
        dependencies: {},
      },
    },
  });
}

const CATALOG = JSON.stringify({ name: "acme", owner: { name: "o" }, plugins: [{ name: "a", source: "./a" }] });
const OWN: Members = [
  ["bundle.json", bundleIndexText({ catalogs: { acme: "c".repeat(40) }, links: {} })],
  ["plugins.json", writeIntent(EMPTY_INTENT)],
  ["plugins.lock", lockText()],
  ["catalogs/acme.json", CATALOG],
  ...Object.entries(FILES).map(([path, text]): Members[number] => [
    `trees/${TREE}/${path}`,
    { text, mode: path.endsWith(".sh") ? 0o755 : 0o644 },
  ]),
];

const without = (path: string): Members => OWN.filter(([name]) => !name.startsWith(path));
const instead = (path: string, text: string): Members => [...without(path), [path, text]];
const read = (members: Members): ReturnType<typeof readBundle> =>
  readBundle(gunzipSync(tarball(members)), "/x/b.tar", new AbortController().signal);

/** Members as files of an archive, which may have long names. */
function filesOf(members: Members): readonly ArchiveFile[] {
  return members.map(([path, member]): ArchiveFile => {
    const text = typeof member === "string" ? member : (member.text ?? "");
    return { path, bytes: Buffer.from(text), executable: typeof member !== "string" && member.mode === 0o755 };
  });
}

const at = (path: string): string => `trees/${TREE}/${path}`;
const linked = (path: string, target: string): Members =>
  instead(
    "bundle.json",
    bundleIndexText({ catalogs: { acme: "c".repeat(40) }, links: { [TREE]: { [path]: target } } }),
  );

const HOSTILE: readonly (readonly [what: string, code: string, members: Members])[] = [
  ["AX01 a path that climbs", "E_ARCHIVE_PATH", [...OWN, [at("../../../evil"), "x"]]],
  ["AX02 an absolute path", "E_ARCHIVE_PATH", [...OWN, ["/etc/evil", "x"]]],
  [
    "AX03 a link that leads out",
    "E_ARCHIVE_LINK",
    [...OWN, [at("d"), { type: "SymbolicLink", linkpath: ".." }], [at("d/evil"), "x"]],
  ],
  ["AX04 an absolute link", "E_ARCHIVE_LINK", [...OWN, [at("d"), { type: "SymbolicLink", linkpath: "/etc/passwd" }]]],
  ["AX05 a hard link", "E_ARCHIVE_LINK", [...OWN, [at("d"), { type: "Link", linkpath: "../../secret" }]]],
  ["AX07 a pipe", "E_ARCHIVE_TYPE", [...OWN, [at("p"), { type: "FIFO" }]]],
  ["AX09 names that differ in case", "E_ARCHIVE_PATH", [...OWN, [at("RUN.sh"), "x"]]],
  ["AX11 a path twice", "E_ARCHIVE_PATH", [...OWN, [at("run.sh"), "x"]]],
  ["AX11 a lock twice", "E_ARCHIVE_PATH", [...OWN, ["plugins.lock", lockText()]]],
  ["AX12 a file below a file", "E_ARCHIVE_PATH", [...OWN, [at("run.sh/y"), "y"]]],
  ["AX13 a backslash", "E_ARCHIVE_PATH", [...OWN, [at("..\\evil"), "x"]]],
  ["AX14 a drive", "E_ARCHIVE_PATH", [...OWN, [at("C:evil"), "x"]]],
  ["AX15 a reserved name", "E_ARCHIVE_PATH", [...OWN, [at("nul.txt"), "x"]]],
  ["AX16 a repository inside", "E_ARCHIVE_PATH", [...OWN, [at(".git/hooks/post-checkout"), "x"]]],
  ["AX20 a long name", "E_LIMIT_PATH", [...OWN, [at("n".repeat(90)), "x"], [at(`${"d/".repeat(40)}x`), "x"]]],
  [
    "AX22 another text of a file",
    "E_INTEGRITY",
    [...without(at("run.sh")), [at("run.sh"), { text: "evil\n", mode: 0o755 }]],
  ],
  ["AX22 another mode of a file", "E_INTEGRITY", instead(at("run.sh"), "echo\n")],
  ["AX22 a file more", "E_INTEGRITY", [...OWN, [at("more"), "x"]]],
  ["AX22 a file less", "E_INTEGRITY", without(at("run.sh"))],
  ["AX22 a lock of other files", "E_INTEGRITY", instead("plugins.lock", lockText(`sha256-${"0".repeat(64)}`))],
  ["a link in the index that is not in the digest", "E_INTEGRITY", linked("l", "run.sh")],
  ["a link in the index with a path that climbs", "E_ARCHIVE_PATH", linked("../l", "run.sh")],
  ["no index", "E_SCHEMA", without("bundle.json")],
  ["no lock", "E_SCHEMA", without("plugins.lock")],
  ["an index of tomorrow", "E_SCHEMA_NEWER", instead("bundle.json", '{"schema":2}')],
  ["an index with a prototype", "E_JSON", instead("bundle.json", '{"schema":1,"__proto__":{}}')],
  ["a member with no place", "E_SCHEMA", [...OWN, ["etc/evil", "x"]]],
  ["a tree with no digest", "E_SCHEMA", [...OWN, ["trees/evil/x", "x"]]],
  ["a package with no digest", "E_SCHEMA", [...OWN, ["packages/evil.tgz", "x"]]],
  ["a catalog of another name", "E_SCHEMA", instead("catalogs/acme.json", CATALOG.replace("acme", "evil"))],
  ["a catalog of a stranger", "E_SCHEMA", [...OWN, ["catalogs/evil.json", CATALOG.replace("acme", "evil")]]],
  ["a damaged lock", "E_STATE_CORRUPT", instead("plugins.lock", "{")],
];

describe("a bundle", () => {
  it("is read whole", async () => {
    const files = filesOf(OWN);
    const plain = await archive(files, { compressed: false });
    expect(Buffer.from(await archive(files.toReversed(), { compressed: false }))).toEqual(Buffer.from(plain));
    for (const bytes of [plain, gunzipSync(tarball(OWN))]) {
      const bundle = readBundle(bytes, "/x/b.tar", new AbortController().signal);
      expect([...bundle.trees.keys()]).toEqual([TREE]);
      expect(bundle.catalogs.get("acme")?.catalog.entries.map(({ name }) => name)).toEqual(["a"]);
      expect(Buffer.from(bundle.trees.get(TREE)?.read("skills/a/SKILL.md") ?? []).toString()).toBe(SKILL);
    }
  });

  it.each(HOSTILE)("with %s is refused", (_what, code, members) => {
    expect(() => read(members)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it.each([
    ["cut in the middle", (whole: Buffer) => whole.subarray(0, whole.length / 2 + 100)],
    ["AX17 that is compressed, whatever it would become", (whole: Buffer) => gzipSync(whole)],
    ["cut between two members", (whole: Buffer) => whole.subarray(0, 512 * 4)],
    ["with something behind its end", (whole: Buffer) => Buffer.concat([whole, Buffer.from("more")])],
    ["of another form", () => Buffer.from("<html>")],
    ["that is empty", () => Buffer.alloc(0)],
  ])("AX21 %s is refused", (_, damage) => {
    expect(() => readBundle(damage(gunzipSync(tarball(OWN))), "/x/b.tar", new AbortController().signal)).toThrow(
      expect.objectContaining({ code: "E_ARCHIVE_CORRUPT" }) as Error,
    );
  });

  it("AX22 whose packages are not what their names say is refused before any is kept", async () => {
    using home = temporaryHome();
    const [good, evil] = [Buffer.from("good"), Buffer.from("evil")];
    const file = packageFile(integrityOf(good));
    expect(file).toMatch(/^packages\/sha512-[0-9a-f]{128}\.tgz$/u);
    const bytes = await archive(filesOf([...OWN, [file, good.toString()]]), { compressed: false });
    const { packages } = readBundle(bytes, "/x/b.tar", new AbortController().signal);
    expect([...packages.keys()]).toEqual([integrityOf(good)]);
    await keepPackages(packages, home.path("cache"));
    const mixed = new Map([...packages, [integrityOf(Buffer.from("other")), evil]]);
    await expect(keepPackages(mixed, home.path("other"))).rejects.toMatchObject({ code: "E_INTEGRITY" });
  });
});
