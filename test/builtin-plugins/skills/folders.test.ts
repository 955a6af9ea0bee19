import { realpathSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { looseFolders, looseFoldersOf } from "../../../core/discover/loose-folders.ts";
import { filesTouched, looseFoldersService } from "../../../plugin-api/index.ts";
import { MemorySession } from "../../support/memory-sessions.ts";
import { temporaryHome } from "../../support/temporary-home.ts";
import { hostService } from "../../support/test-host.ts";
import { callTool } from "../../support/tool-caller.ts";
import { skillFile, skillHost } from "./skill-host.ts";

/** A host whose skills come from the folders of a project and a home. */
async function folders(files: Readonly<Record<string, string>>, settings: Record<string, unknown> = {}) {
  const place = temporaryHome();
  const root = realpathSync(place.directory);
  for (const [name, content] of Object.entries(files)) place.write(name, content);
  place.write("project/file", "");
  place.write("home/file", "");
  const project = `${root}/project`;
  const workspace = {
    directory: project,
    projectDirectory: project,
    homeDirectory: `${root}/home`,
    plugsmithHome: `${root}/home/.plugsmith`,
    trusted: true,
  };
  const options = { workspace, dataRoot: place.path("data"), managed: [] };
  const host = await skillHost({
    plugins: {},
    settings,
    services: [hostService(looseFoldersService, looseFoldersOf(options))],
    more: () => looseFolders(options),
  });
  const session = new MemorySession({ directory: project });
  return {
    place,
    host,
    session,
    told: (to = session) => host.told("prompt", to),
    touch: async (file: string) => {
      await host.test.host.frontend.emit(filesTouched, { session, files: [file], change: "read" });
    },
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      place[Symbol.dispose]();
    },
  };
}

describe("skills of loose folders", () => {
  it("have bare names, and changes of their text are told after they are read anew", async () => {
    await using at = await folders({ "project/.claude/skills/a/SKILL.md": skillFile({}) });
    expect((await at.told())[0]).toContain("\n- a: About it.");
    at.place.write("project/.claude/skills/a/SKILL.md", skillFile({ description: "New." }));
    await at.host.reload();
    expect((await at.told())[0]).toContain("\n- a: New.");
  });

  it("PS08: below the project appear when a file beside them is touched, also after a resume, but not in `node_modules`", async () => {
    await using at = await folders({
      "project/.claude/skills/a/SKILL.md": skillFile({}),
      "project/sub/.claude/skills/a/SKILL.md": skillFile({ description: "Nested." }),
      "project/sub/.claude/skills/b/SKILL.md": skillFile({ paths: '"*.css"' }),
      "project/node_modules/x/.claude/skills/no/SKILL.md": skillFile({}),
    });
    await at.told();
    await at.touch(at.place.write("project/node_modules/x/index.js", ""));
    expect(await at.told()).toEqual([]);
    await at.touch(at.place.write("project/sub/deep/index.js", ""));
    expect((await at.told())[0]?.split("\n").slice(1)).toEqual(["- sub:a: Nested."]);
    await at.touch(at.place.write("project/style.css", ""));
    expect(await at.told()).toEqual([]);
    await at.touch(at.place.write("project/sub/style.css", ""));
    expect((await at.told())[0]?.split("\n").slice(1)).toEqual(["- b: About it."]);
    await at.session.close();
    const resumed = at.session.resumed();
    expect(await at.told(resumed)).toEqual([]);
  });

  it("below the project appear although their folder came later, and their hooks are noted with it", async () => {
    await using at = await folders({ "project/sub/index.js": "" });
    await at.touch(at.place.path("project/sub/index.js"));
    expect(await at.told()).toEqual([]);
    const hooks = "\n  Stop:\n    - hooks:\n        - type: command\n          command: 'true'";
    at.place.write("project/sub/.claude/skills/late/SKILL.md", skillFile({ hooks }));
    await at.touch(at.place.path("project/sub/index.js"));
    expect((await at.told())[0]).toContain("- late: About it.");
    await callTool(at.host.test.host, at.session, "Skill", { skill: "late" });
    expect(at.session.notes("plugsmith/skill-hooks")).toEqual([
      { plugin: "claude:sub@project", skill: "late", folder: realpathSync(at.place.path("project/sub")) },
    ]);
  });

  it("follow `skillOverrides`", async () => {
    const files = Object.fromEntries(
      ["a", "b", "c", "d"].map((name) => [`home/.claude/skills/${name}/SKILL.md`, skillFile({})]),
    );
    const skillOverrides = { a: "name-only", b: "user-invocable-only", c: "off", d: "on" };
    await using at = await folders(files, { skillOverrides });
    expect((await at.told())[0]?.split("\n").slice(1)).toEqual(["- a", "- d: About it."]);
    expect(await at.host.call("b")).toContain("only the person invokes");
    expect((await at.host.type("/b"))?.kind).toBe("skill");
    expect(await at.host.type("/c")).toBeUndefined();
  });

  it("are not told to an agent that has no tool for them", async () => {
    await using at = await folders({ "home/.claude/skills/a/SKILL.md": skillFile({}) });
    const agent = new MemorySession({
      directory: at.session.directory,
      parent: at.session,
      agent: "x",
      tools: ["Read"],
    });
    expect(await at.told(agent)).toEqual([]);
  });
});
