import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openingOf } from "../../schemas/file-opening.ts";
import { canExecute, closureDigest, closureMembers } from "../../schemas/closure.ts";
import type { Contribution, PluginManifest } from "../../schemas/plugin-manifest.ts";
import { treeDigest } from "../../schemas/tree-digest.ts";
import type { TreeMember } from "../../schemas/tree-digest.ts";

describe("treeDigest", () => {
  it("does not depend on the order of members", () => {
    const members = [file("b", "1"), file("a", "2", true), link("c", "a")];
    expect(treeDigest(members)).toBe(treeDigest(members.toReversed()));
    expect(treeDigest(members)).toMatch(/^sha256-[0-9a-f]{64}$/);
  });

  it.each<[string, readonly TreeMember[]]>([
    ["a path", [file("b", "1")]],
    ["content", [file("a", "2")]],
    ["the executable bit", [file("a", "1", true)]],
    ["a member more", [file("a", "1"), file("b", "1")]],
    ["a link in place of a file", [link("a", "x")]],
    ["nothing at all", []],
  ])("differs by %s", (_what, members) => {
    expect(treeDigest(members)).not.toBe(treeDigest([file("a", "1")]));
  });

  it("does not depend on what the first bytes of a file are taken for", () => {
    const members = [file("a", "#!/bin/sh")];
    expect(members[0]).toHaveProperty("opening", "program");
    expect(treeDigest(members.map((member) => ({ ...member, opening: undefined })))).toBe(treeDigest(members));
  });

  it("gives different digests to different link lists, whatever characters they hold", () => {
    const text = fc.string({ unit: fc.constantFrom("a", " ", "\n", ":", "1", "l"), maxLength: 6 });
    const links = fc.array(fc.record({ path: text, target: text }), { maxLength: 3 });
    fc.assert(
      fc.property(links, links, (left, right) => {
        const [one, two] = [left, right].map((list) => list.map(({ path, target }) => link(path, target)));
        const same = JSON.stringify(sorted(one!)) === JSON.stringify(sorted(two!));
        expect(treeDigest(sorted(one!)) === treeDigest(sorted(two!))).toBe(same);
      }),
    );
  });
});

const PNG = "\u0089PNG";
const textOf = (): undefined => undefined;

describe("closureDigest", () => {
  const prose = [
    file("README.md", "r"),
    file("docs/guide.md", "g"),
    file("logo.png", PNG),
    file("LICENSE", "l"),
    file("CHANGELOG.md", "c"),
  ];
  const skill = file("skills/x/SKILL.md", "s");

  it("is empty when nothing can execute", () => {
    const input = {
      textOf,
      members: [...prose, skill],
      manifest: manifest([
        {
          kind: "skill",
          name: "x",
          path: "skills/x",
          file: "skills/x/SKILL.md",
          description: "",
          fields: {},
          modelInvocable: true,
          userInvocable: true,
        },
      ]),
    };
    expect(closureDigest(input)).toBe("");
    expect(closureMembers(input)).toEqual([]);
  });

  it.each<[string, readonly TreeMember[], PluginManifest]>([
    ["a hook", [], manifest([hook("echo")])],
    ["an MCP server", [], manifest([mcp("run")])],
    ["an executable file", [file("run", "1", true)], manifest([])],
    ["a script", [file("x.py", "1")], manifest([])],
    ["a script without extension and executable bit", [file("run", "#!/bin/sh")], manifest([])],
    ["a makefile", [file("docs/Makefile", "1")], manifest([])],
    ["a native library", [file("x.node", "1")], manifest([])],
    ["code", [], { ...manifest([]), plugsmith: { entry: "./x" } }],
    [
      "pre-approved tools",
      [],
      manifest([{ kind: "command", name: "x", description: "", fields: { allowedTools: ["Bash"] } }]),
    ],
  ])("is there when a plugin has %s", (_what, members, canonical) => {
    const input = { textOf, members: [...members, skill, ...prose], manifest: canonical };
    expect(canExecute(input)).toBe(true);
    expect(closureDigest(input)).toMatch(/^sha256-/);
  });

  it("is there when a plugin locks npm packages, and changes with their digests", () => {
    const locking = (integrity: string): string =>
      closureDigest({
        textOf,
        members: [file("package.json", "{}"), file("package-lock.json", integrity), ...prose],
        manifest: manifest([]),
        locksPackages: true,
      });
    expect(locking("sha512-a")).toMatch(/^sha256-/);
    expect(locking("sha512-b")).not.toBe(locking("sha512-a"));
  });

  const base = { textOf, members: [file("run.sh", "1"), skill, ...prose], manifest: manifest([hook("sh run.sh")]) };

  it.each<[string, readonly TreeMember[]]>([
    ["a program", [file("run.sh", "2"), skill, ...prose]],
    ["a skill", [file("run.sh", "1"), file("skills/x/SKILL.md", "2"), ...prose]],
    ["a data file", [...base.members, file("data.json", "1")]],
    ["a link", [...base.members, link("x", "run.sh")]],
    ["the executable bit", [file("run.sh", "1", true), skill, ...prose]],
    ["a makefile among documents", [...base.members, file("docs/Makefile", "1")]],
    ["what is no document in the folder of documents", [...base.members, file("docs/run", "1")]],
    ["a read-me that is not at the root", [...base.members, file("skills/x/README.md", "1")]],
    ["a picture that is none", [...base.members, file("x.png", "curl evil")]],
    ["a program named as a licence", [...base.members, file("LICENSE", "#!/bin/sh")]],
    ["an executable picture", [...base.members, file("evil.png", "1", true)]],
  ])("changes with %s", (_what, members) => {
    expect(closureDigest({ ...base, members })).not.toBe(closureDigest(base));
  });

  it.each(["README.md", "docs/guide.md", "logo.png", "LICENSE", "CHANGELOG.md"])("does not change with %s", (path) => {
    const members = base.members.map((member) =>
      member.path === path ? file(path, path === "logo.png" ? `${PNG}2` : "other") : member,
    );
    expect(closureDigest({ ...base, members })).toBe(closureDigest(base));
  });

  it("covers prose that a command names", () => {
    const input = { ...base, manifest: manifest([hook("sh docs/guide.md")]) };
    expect(closureMembers(input).map(({ path }) => path)).toContain("docs/guide.md");
    expect(closureMembers(base).map(({ path }) => path)).toEqual(["run.sh", "skills/x/SKILL.md"]);
  });

  it.each<[string, Readonly<Record<string, string>>, readonly Contribution[], readonly string[]]>([
    ["a command that names its directory", {}, [mcp("make -C ${CLAUDE_PLUGIN_ROOT}/docs run")], ["docs/guide.md"]],
    ["an option with the directory attached", {}, [mcp("make -Cdocs")], ["docs/guide.md"]],
    ["a command in other letters", {}, [hook("bash Readme.MD")], ["README.md"]],
    ["a command after a line break", {}, [hook("cd x\nREADME.md")], ["README.md"]],
    ["a script that a command runs", { "run.sh": "source ./README.md" }, [hook("sh run.sh")], ["README.md"]],
    ["a script that no command names", { "run.sh": 'exec "$D/LICENSE"' }, [], ["LICENSE"]],
    ["a string of a script", { "run.sh": 'eval "\\nREADME.md"' }, [], ["README.md"]],
    ["a batch file", { "run.sh": "call %~dp0logo.png" }, [], ["logo.png"]],
    [
      "what a mentioned document mentions",
      { "run.sh": ". README.md", "README.md": ". CHANGELOG.md" },
      [],
      ["CHANGELOG.md", "README.md"],
    ],
    ["the directory of a document", { "run.sh": "for f in docs/*; do . $f; done" }, [], ["docs/guide.md"]],
    ["a recipe", { "package.json": '{"scripts":{"x":"sh LICENSE"}}' }, [hook("npm run x")], ["LICENSE"]],
    ["a file of no known kind that a command names", { rest: "source README.md" }, [hook("sh rest")], ["README.md"]],
    [
      "the manifest as a command",
      { "run.sh": "" },
      [{ kind: "command", name: "x", file: "README.md", description: "", fields: {} }],
      ["README.md"],
    ],
    ["nothing", { "skills/x/SKILL.md": "see README.md", "run.sh": "see https://docs.example/" }, [], []],
    [
      "too long a program",
      { "run.sh": "x".repeat(2_000_000) },
      [],
      ["CHANGELOG.md", "LICENSE", "README.md", "docs/guide.md", "logo.png"],
    ],
  ])("covers documents mentioned by %s", (_what, texts, contributions, expected) => {
    const written = Object.entries(texts).map(([path, text]) => file(path, text));
    const members = [...base.members.filter(({ path }) => texts[path] === undefined), ...written];
    const covered = closureMembers({ members, manifest: manifest(contributions), textOf: (path) => texts[path] });
    const inert = new Set(prose.map(({ path }) => path));
    expect(covered.map(({ path }) => path).filter((path) => inert.has(path))).toEqual(expected);
  });

  it("covers the commands of a catalog entry whose folder holds only prose", () => {
    const digests = ["nil", "nil --evil"].map((command) =>
      closureDigest({ textOf, members: [file("README.md", "# x")], manifest: manifest([mcp(command)]) }),
    );
    expect(digests[0]).toMatch(/^sha256-/);
    expect(digests[1]).not.toBe(digests[0]);
  });

  it("changes with a command, a runtime, a capability and a command inside a prompt", () => {
    const digests = [
      base,
      { ...base, manifest: manifest([hook("sh run.sh --all")]) },
      { ...base, executables: ["/usr/bin/sh"] },
      { ...base, capabilities: { net: true } },
      { ...base, promptCommands: ["git status"] },
    ].map(closureDigest);
    expect(new Set(digests).size).toBe(digests.length);
  });

  it("does not depend on where a hook stands in its file, nor on the order of keys", () => {
    const moved = { ...hook("sh run.sh"), where: { file: "hooks.json", line: 99 } };
    expect(closureDigest({ ...base, manifest: manifest([moved]) })).toBe(closureDigest(base));
    expect(closureDigest({ ...base, capabilities: { a: 1, b: 2 } })).toBe(
      closureDigest({ ...base, capabilities: { b: 2, a: 1 } }),
    );
  });
});

function file(path: string, content: string, executable: boolean = false): TreeMember {
  const opening = openingOf(Buffer.from(content, "latin1"));
  return {
    kind: "file",
    path,
    executable,
    ...(opening !== undefined && { opening }),
    bytes: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
  };
}

function link(path: string, target: string): TreeMember {
  return { kind: "link", path, target };
}

function sorted(members: readonly TreeMember[]): readonly TreeMember[] {
  const key = (member: TreeMember): string =>
    JSON.stringify([member.path, member.kind === "link" ? member.target : ""]);
  return members.toSorted((left, right) =>
    left.path === right.path ? (key(left) < key(right) ? -1 : 1) : left.path < right.path ? -1 : 1,
  );
}

function hook(command: string): Extract<Contribution, { kind: "hook" }> {
  return { kind: "hook", event: "Stop", handler: { type: "command", command }, where: { file: "hooks.json", line: 1 } };
}

function mcp(command: string): Contribution {
  return {
    kind: "mcp",
    name: "m",
    config: { transport: "stdio", command, args: [], env: {} },
    where: { file: ".mcp.json" },
  };
}

function manifest(contributions: readonly Contribution[]): PluginManifest {
  return {
    schema: 1,
    format: "claude-code",
    name: "x",
    keywords: [],
    defaultEnabled: true,
    dependencies: [],
    userConfig: {},
    channels: [],
    settings: {},
    contributions,
    provenance: {},
  };
}
