import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { looseFolders } from "../../../core/discover/loose-folders.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

function skill(at: TemporaryHome, path: string, description: string): string {
  return at.write(
    `home/.claude/skills/${path}/SKILL.md`,
    `---\nname: ${path.split("/").at(-1) ?? ""}\ndescription: ${description}\n---\n`,
  );
}

function read(at: TemporaryHome): {
  readonly skills: readonly string[];
  readonly revision: string;
  readonly findings: number;
} {
  mkdirSync(at.path("project"), { recursive: true });
  const workspace = {
    directory: at.path("project"),
    projectDirectory: at.path("project"),
    homeDirectory: at.path("home"),
    plugsmithHome: at.path("home/.plugsmith"),
    trusted: true,
  };
  const plugins = looseFolders({ workspace, dataRoot: at.path("data"), managed: [] });
  return {
    skills: plugins.flatMap(({ manifest }) =>
      manifest.contributions.flatMap((one) => (one.kind === "skill" ? [`${one.path}: ${one.description}`] : [])),
    ),
    revision: plugins.map(({ revision }) => revision).join(),
    findings: plugins.flatMap(({ diagnostics }) => diagnostics).length,
  };
}

const indexFile = (at: TemporaryHome): string => at.path("home/.plugsmith/cache/loose-skills.json");

describe("the index of loose skills", () => {
  it("gives what reading gave, also its findings, and changes nothing of the plugin", () => {
    using at = temporaryHome();
    skill(at, "a", "first");
    skill(at, "deep/er/b", "second");
    at.write("home/.claude/skills/c/SKILL.md", "---\ndescription: [\n---\ntext\n");
    const first = read(at);
    expect(first.skills).toContain("skills/a: first");
    expect(first.skills).toContain("skills/deep/er/b: second");
    expect(first.findings).toBeGreaterThan(0);
    const before = statSync(indexFile(at)).mtimeMs;
    expect(read(at)).toEqual(first);
    expect(statSync(indexFile(at)).mtimeMs).toBe(before);
  });

  it("reads a file again that changed, came or went", () => {
    using at = temporaryHome();
    const file = skill(at, "a", "first");
    skill(at, "b", "second");
    const before = read(at);
    const { atime, mtime } = statSync(file);
    writeFileSync(file, readFileSync(file, "utf8").replace("first", "other"));
    // Even with the size and the time of before.
    utimesSync(file, atime, mtime);
    const after = read(at);
    expect(after.skills).toEqual(["skills/a: other", "skills/b: second"]);
    expect(after.revision).not.toBe(before.revision);
    rmSync(join(file, ".."), { recursive: true });
    skill(at, "c", "third");
    expect(read(at).skills).toEqual(["skills/b: second", "skills/c: third"]);
    expect(readFileSync(indexFile(at), "utf8")).not.toContain("/a/SKILL.md");
  });

  const damages: readonly (readonly [name: string, inflict: (at: TemporaryHome) => void])[] = [
    ["is no JSON", (at) => writeFileSync(indexFile(at), "{")],
    ["is of another reader", (at) => writeFileSync(indexFile(at), JSON.stringify({ reader: -1, skills: { "/x": 1 } }))],
    ["is gone", (at) => rmSync(indexFile(at))],
    [
      "is a folder",
      (at) => {
        rmSync(indexFile(at));
        mkdirSync(indexFile(at));
      },
    ],
    ["cannot be written", (at) => chmodSync(join(indexFile(at), ".."), 0o500)],
  ];
  it.each(damages)("costs time and nothing else when it %s", (_name, inflict) => {
    using at = temporaryHome();
    skill(at, "a", "first");
    read(at);
    inflict(at);
    expect(read(at).skills).toEqual(["skills/a: first"]);
    chmodSync(join(indexFile(at), ".."), 0o700);
  });

  it("follows no link in place of a file", () => {
    using at = temporaryHome();
    at.write("elsewhere/SKILL.md", "---\nname: x\ndescription: linked\n---\n");
    mkdirSync(at.path("home/.claude/skills/x"), { recursive: true });
    symlinkSync(at.path("elsewhere/SKILL.md"), at.path("home/.claude/skills/x/SKILL.md"));
    const first = read(at);
    writeFileSync(at.path("elsewhere/SKILL.md"), "---\nname: x\ndescription: changed\n---\n");
    expect(read(at).skills).toEqual(first.skills.map((one) => one.replace("linked", "changed")));
  });
});
