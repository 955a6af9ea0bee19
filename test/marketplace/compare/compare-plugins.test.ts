import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { comparePlugins } from "../../../marketplace/compare/compare-plugins.ts";
import { compareSets, type SetMember } from "../../../marketplace/compare/compare-sets.ts";
import type { ComparedPlugin } from "../../../marketplace/compare/plugin-facts.ts";
import { textsOf } from "../../../marketplace/compare/read-compared.ts";
import { unifiedText } from "../../../marketplace/compare/text-lines.ts";
import { CodedError } from "../../../schemas/errors.ts";
import { memoryTree, readPlugin } from "../../../schemas/formats/index.ts";

type Files = Readonly<Record<string, string>>;

function plugin(files: Files, manifest: object = {}): ComparedPlugin {
  const all: Files = { ...files, ".claude-plugin/plugin.json": JSON.stringify({ name: "p", ...manifest }) };
  const tree = memoryTree(all);
  const members = Object.entries(all).map(([path, text]) => {
    const sha256 = createHash("sha256").update(text).digest("hex");
    return { kind: "file", path, executable: false, bytes: Buffer.byteLength(text), sha256 } as const;
  });
  const { manifest: read } = readPlugin(tree, { fallbackName: "p" });
  return { id: "p@m", manifest: read, members, textOf: textsOf(tree), packages: undefined };
}

const hook = (command: string): Files => ({
  "hooks/hooks.json": JSON.stringify({ hooks: { Stop: [{ hooks: [{ type: "command", command }] }] } }),
});
const skill = (name: string, text: string): Files => ({
  [`skills/${name}/SKILL.md`]: `---\nname: ${name}\ndescription: d\n---\n${text}\n`,
});
const server = (command: string): object => ({ mcpServers: { db: { command } } });
const asks = (capabilities: object): object => ({ plugsmith: { entry: "./a.js", capabilities } });
const none = { added: [], removed: [] };

const TABLE: readonly (readonly [what: string, before: ComparedPlugin, after: ComparedPlugin, expected: object])[] = [
  ["nothing", plugin(skill("a", "x")), plugin(skill("a", "x")), { files: [], contributions: none, hosts: none }],
  [
    "lines of a text",
    plugin({ "a.md": "1\n2\n3\n" }),
    plugin({ "a.md": "1\ntwo\n3\n4\n" }),
    { files: [{ change: "changed", path: "a.md", lines: { added: 2, removed: 1 } }] },
  ],
  [
    "a program that comes and one that goes",
    plugin({ "a.sh": "x\n" }),
    plugin({ "b.sh": "x\ny" }),
    {
      files: [
        { change: "removed", path: "a.sh", program: true, lines: { added: 0, removed: 1 } },
        { change: "added", path: "b.sh", program: true, lines: { added: 2, removed: 0 } },
      ],
      executables: {
        added: [{ kind: "script", name: "b.sh", display: "b.sh" }],
        removed: [{ kind: "script", name: "a.sh", display: "a.sh" }],
      },
    },
  ],
  [
    "what is no text",
    plugin({ "a.bin": "\0a" }),
    plugin({ "a.bin": "\0b" }),
    { files: [{ change: "changed", path: "a.bin" }] },
  ],
  [
    "the command of a hook",
    plugin(hook("node a")),
    plugin(hook("node b")),
    {
      contributions: none,
      executables: {
        added: [{ kind: "hook", name: "Stop", display: "node b" }],
        removed: [{ kind: "hook", name: "Stop", display: "node a" }],
      },
    },
  ],
  [
    "a server and a skill",
    plugin(skill("a", "x")),
    plugin(skill("b", "x"), server("run-db")),
    {
      contributions: {
        added: [
          { kind: "skill", name: "b" },
          { kind: "mcp", name: "db" },
        ],
        removed: [{ kind: "skill", name: "a" }],
      },
      executables: { added: [{ kind: "mcp", name: "db", display: "run-db" }], removed: [] },
    },
  ],
  [
    "hosts, which other files may name too",
    plugin({ "a.md": "https://one.example/x and http://two.example", "b.md": "wss://two.example:1/" }),
    plugin({ "a.md": "see HTTPS://u:p@Three.example/ and https://${HOST}/", "b.md": "wss://two.example:1/" }),
    { hosts: { added: ["three.example"], removed: ["one.example"] } },
  ],
  [
    "capabilities",
    plugin({ "a.js": "" }, asks({ read: ["~/a"] })),
    plugin({ "a.js": "" }, asks({ net: true, read: ["~/a"] })),
    { capabilities: { added: ["net"], removed: [] } },
  ],
  [
    "dependencies",
    plugin({}, { dependencies: ["kit"] }),
    plugin({}, { dependencies: [{ name: "kit", version: "^2.0.0" }] }),
    { dependencies: { added: [{ id: "kit", range: "^2.0.0" }], removed: [{ id: "kit", range: "*" }] } },
  ],
];

describe("comparing two states of a plugin", () => {
  it.each(TABLE)("finds %s", (_what, before, after, expected) => {
    expect(comparePlugins(before, after)).toMatchObject(expected);
  });

  it("is the same from the other side, with the sides changed", () => {
    for (const [, before, after] of TABLE) {
      const [there, back] = [comparePlugins(before, after), comparePlugins(after, before)];
      expect(back.executables).toEqual({ added: there.executables.removed, removed: there.executables.added });
      expect(back.hosts).toEqual({ added: there.hosts.removed, removed: there.hosts.added });
      expect(back.tokens).toEqual({ before: there.tokens.after, after: there.tokens.before });
    }
  });

  it("has everything of a plugin that is new", () => {
    const found = comparePlugins(undefined, plugin(hook("node a")));
    expect(found.files.map(({ change }) => change)).toEqual(["added", "added"]);
    expect(found.executables.added).toHaveLength(1);
    expect(found.bytes.before).toBe(0);
  });
});

describe("comparing two sets", () => {
  const member = (id: string, version: string, more: Partial<SetMember> = {}): SetMember => ({
    root: "user",
    id,
    version,
    content: `${id} ${version}`,
    enabled: true,
    open: async () => plugin(skill(id, version)),
    ...more,
  });
  const gone = async () => {
    throw new CodedError("E_NOT_FOUND", "no files", { hint: "look elsewhere" });
  };

  it("says what became of each plugin, and why one could not be read", async () => {
    const before = [member("a", "1"), member("b", "1"), member("c", "1", { open: gone }), member("d", "1")];
    const after = [member("a", "2"), member("c", "2", { open: gone }), member("d", "1", { enabled: false })];
    const { difference } = await compareSets(
      { label: "x", members: before },
      { label: "y", members: [...after, member("e", "1", { root: "/p" })] },
      () => true,
    );
    expect(difference.changes.map(({ id, change, from, to, problem }) => [id, change, from, to, problem])).toEqual([
      ["e", "added", undefined, "1", undefined],
      ["a", "changed", "1", "2", undefined],
      ["b", "removed", "1", undefined, undefined],
      ["c", "changed", "1", "2", "no files; look elsewhere"],
      ["d", "disabled", "1", "1", undefined],
    ]);
    expect(difference.tokens.before).toBeGreaterThan(0);
  });
});

describe("the unified text of a file", () => {
  it("is what `patch` reads", () => {
    expect(unifiedText("p@m/a", "1\n2\n", "1\n3\n")).toBe("--- a/p@m/a\n+++ b/p@m/a\n@@ -1,2 +1,2 @@\n 1\n-2\n+3");
    expect(unifiedText("a", undefined, "1\n")).toBe("--- /dev/null\n+++ b/a\n@@ -0,0 +1,1 @@\n+1");
    expect(unifiedText("a", "1", undefined)).toContain("+++ /dev/null");
  });
});
