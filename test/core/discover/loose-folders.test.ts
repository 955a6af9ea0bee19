import { mkdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { looseFolders, looseFoldersOf, loosePlaces } from "../../../core/discover/loose-folders.ts";
import { watchLooseFolders, type LooseChange } from "../../../core/discover/loose-watch.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

const skill = "---\ndescription: About it.\n---\nDo it.\n";
const agent = (name: string): string =>
  `---\nname: ${name}\ndescription: Helps.\npermissionMode: plan\n---\nYou help.\n`;
const hook = JSON.stringify({ hooks: { Stop: [{ hooks: [{ type: "command", command: "true" }] }] } });

/** A home and a project in one temporary folder. */
function places(files: Readonly<Record<string, string>>, { trusted = true, directory = "project" } = {}) {
  const folder: TemporaryHome = temporaryHome();
  for (const name of ["home", "project", "managed"]) mkdirSync(folder.path(name), { recursive: true });
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  const root = realpathSync(folder.directory);
  const workspace = {
    directory: `${root}/${directory}`,
    projectDirectory: `${root}/project`,
    homeDirectory: `${root}/home`,
    plugsmithHome: `${root}/home/.plugsmith`,
    trusted,
  };
  const options = { workspace, dataRoot: `${root}/data`, managed: [`${root}/managed`] };
  const read = () =>
    looseFolders(options).map(({ info, manifest, held }) => ({
      id: info.id,
      has: manifest.contributions.map((each) => `${each.kind}/${each.kind === "hook" ? each.event : each.name}`),
      ...(held !== undefined && { held: held.reason }),
    }));
  return { folder, root, options, read, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

describe("loose folders", () => {
  it("become synthetic plugins of the person and the project", () => {
    using at = places({
      "managed/skills/m/SKILL.md": skill,
      "home/.plugsmith/skills/a/SKILL.md": skill,
      "home/.claude/skills/b/SKILL.md": skill,
      "home/.claude/commands/x/y.md": "Do.",
      "home/.claude/agents/deep/h.md": agent("helper"),
      "home/.claude/output-styles/terse.md": "Be terse.",
      "home/.agents/skills/c/SKILL.md": skill,
      "home/.agents/commands/no.md": "Not here.",
      "project/.plugsmith/skills/d/SKILL.md": skill,
      "project/.claude/skills/group/e/SKILL.md": skill,
      "project/.agents/skills/f/SKILL.md": skill,
    });
    expect(at.read()).toEqual([
      { id: "folder-1@managed", has: ["skill/m"] },
      { id: "plugsmith@user", has: ["skill/a"] },
      { id: "claude@user", has: ["skill/b", "command/x:y", "agent/helper", "output-style/terse"] },
      { id: "agents@user", has: ["skill/c"] },
      { id: "plugsmith@project", has: ["skill/d"] },
      { id: "claude@project", has: ["skill/e"] },
      { id: "agents@project", has: ["skill/f"] },
    ]);
    const plugins = looseFolders(at.options);
    expect(plugins.every(({ info }) => info.tier === "loose")).toBe(true);
    const helper = plugins.flatMap(({ manifest }) => manifest.contributions).find(({ kind }) => kind === "agent");
    expect(helper).toMatchObject({ fields: { permissionMode: "plan" } });
  });

  it("are looked for in the working directory and every one above it up to the project", () => {
    using at = places(
      {
        "project/.claude/skills/a/SKILL.md": skill,
        "project/one/.claude/skills/b/SKILL.md": skill,
        "project/one/two/.claude/skills/a/SKILL.md": skill,
        "project/other/.claude/skills/c/SKILL.md": skill,
      },
      { directory: "project/one/two" },
    );
    expect(at.read()).toEqual([
      { id: "claude:one/two@project", has: ["skill/a"] },
      { id: "claude:one@project", has: ["skill/b"] },
      { id: "claude@project", has: [] },
    ]);
    expect(looseFolders(at.options).at(-1)?.diagnostics).toMatchObject([{ code: "W_NAME_DOUBLE" }]);
    const nested = looseFoldersOf(at.options).skillsIn(`${at.root}/project/other`);
    expect(nested).toMatchObject([{ name: "c", plugin: { id: "claude:other@project", tier: "loose" } }]);
    expect(looseFoldersOf(at.options).skillsIn(`${at.root}/home`)).toEqual([]);
  });

  it("of the person win over those of the project, but for agents and output styles", () => {
    const both = (place: string) => ({
      [`${place}/.claude/skills/s/SKILL.md`]: skill,
      [`${place}/.claude/commands/c.md`]: "Do.",
      [`${place}/.claude/agents/a.md`]: agent("a"),
      [`${place}/.claude/output-styles/o.md`]: "Be so.",
    });
    using at = places({ ...both("home"), ...both("project"), "managed/skills/s/SKILL.md": skill });
    expect(at.read()).toEqual([
      { id: "folder-1@managed", has: ["skill/s"] },
      { id: "claude@user", has: ["command/c"] },
      { id: "claude@project", has: ["agent/a", "output-style/o"] },
    ]);
  });

  it("HK10: hold settings' hooks and a project's servers, back until the project is trusted", () => {
    const files = {
      "home/.claude/settings.json": hook,
      "project/.claude/settings.json": hook,
      "project/.claude/settings.local.json": hook,
      "project/.mcp.json": JSON.stringify({ mcpServers: { s: { command: "true" } } }),
      "project/.claude/skills/a/SKILL.md": skill,
    };
    using trusted = places(files);
    expect(trusted.read()).toEqual([
      { id: "claude@project", has: ["skill/a"] },
      { id: "settings@user", has: ["hook/Stop"] },
      { id: "settings@project", has: ["hook/Stop", "hook/Stop", "mcp/s"] },
    ]);
    using untrusted = places(files, { trusted: false });
    expect(untrusted.read().map(({ id, held }) => [id, held])).toEqual([
      ["claude@project", undefined],
      ["settings@user", undefined],
      ["settings@project", "trust"],
    ]);
  });

  it("PS08: skip folders of version control and packages, and what lies too deep", () => {
    using at = places({
      "home/.claude/skills/node_modules/p/SKILL.md": skill,
      "home/.claude/skills/.git/p/SKILL.md": skill,
      "home/.claude/skills/1/2/3/4/5/six/SKILL.md": skill,
      "home/.claude/skills/1/2/3/4/5/6/seven/SKILL.md": skill,
    });
    expect(at.read()).toEqual([{ id: "claude@user", has: ["skill/six"] }]);
  });

  it("leave out an agent without name or description, and say so", () => {
    using at = places({ "home/.claude/agents/a.md": "You help." });
    expect(looseFolders(at.options)[0]).toMatchObject({
      manifest: { contributions: [] },
      diagnostics: [{ code: "W_DESCRIPTION_MISSING" }, { code: "W_FIELD_MISSING", dropped: "agent" }].slice(1),
    });
  });
});

describe("a link in a loose folder", () => {
  it("of a person leads anywhere, and what it brings is a plugin of its own", () => {
    using at = places({ "elsewhere/shared/SKILL.md": skill, "dotfiles/commands/c.md": "Do." });
    mkdirSync(`${at.root}/home/.claude/skills`, { recursive: true });
    symlinkSync(`${at.root}/elsewhere/shared`, `${at.root}/home/.claude/skills/linked`);
    symlinkSync(`${at.root}/dotfiles/commands`, `${at.root}/home/.claude/commands`);
    expect(at.read()).toEqual([
      { id: "claude:skills/linked@user", has: ["skill/linked"] },
      { id: "claude:commands@user", has: ["command/c"] },
    ]);
    expect(looseFolders(at.options)[0]?.info.directory).toBe(`${at.root}/elsewhere/shared`);
  });

  it("of a project may lead within the project, and never out of it", () => {
    using at = places({
      "home/secret/SKILL.md": skill,
      "home/private.md": "private",
      "project/.agents/skills/a/SKILL.md": skill,
      "project/.claude/skills/b/notes.md": "",
    });
    symlinkSync("../../.agents/skills/a", `${at.root}/project/.claude/skills/again`);
    symlinkSync("../../../home/secret", `${at.root}/project/.claude/skills/secret`);
    symlinkSync("../../../../home/private.md", `${at.root}/project/.claude/skills/b/SKILL.md`);
    symlinkSync("../../home", `${at.root}/project/.claude/commands`);
    const plugins = looseFolders(at.options);
    expect(at.read().flatMap(({ has }) => has)).toEqual(["skill/again", "skill/a"]);
    expect(plugins.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code))).toEqual([
      "E_PATH_ESCAPE",
      "E_PATH_ESCAPE",
    ]);
  });
});

it("tells of a change below a watched place, and of a folder that comes", async () => {
  using at = places({ "home/.claude/skills/a/SKILL.md": skill });
  const next = async (change: () => void): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    using _watching = watchLooseFolders(
      loosePlaces(at.options),
      () => resolve(),
      (_directory, error) => reject(error),
    );
    change();
    await promise;
  };
  const before = looseFolders(at.options)[0]?.revision;
  await next(() => at.folder.write("home/.claude/skills/a/SKILL.md", skill.replace("it", "that")));
  expect(looseFolders(at.options)[0]?.revision).not.toBe(before);
  await next(() => at.folder.write("home/.claude/agents/a.md", agent("a")));
  await next(() => rmSync(at.folder.path("home/.claude/skills/a"), { recursive: true }));
  expect(at.read()).toEqual([{ id: "claude@user", has: ["agent/a"] }]);
});

it("tells of places that come while they are watched, of what changes in them, and of their end", async () => {
  using at = places({ "home/file": "", "project/file": "" });
  let changes = 0;
  let last: LooseChange | undefined;
  const fail = (_directory: string, error: unknown): void => expect(error).toBeUndefined();
  const changed = (change: LooseChange): void => {
    changes += 1;
    last = change;
  };
  using _watching = watchLooseFolders(loosePlaces(at.options), changed, fail);
  const told = async (change: () => void): Promise<void> => {
    const before = changes;
    change();
    await expect.poll(() => changes, { interval: 10 }).toBeGreaterThan(before);
    // What one change says in several events is told by now.
    await setTimeout(100);
  };
  await told(() => at.folder.write("project/.agents/skills/a/SKILL.md", skill));
  expect(last).toMatchObject({ more: true });
  await told(() => at.folder.write("project/.agents/skills/a/SKILL.md", skill.replace("it", "that")));
  expect(last).toEqual({ skills: [at.folder.path("project/.agents/skills/a/SKILL.md")], more: false });
  await told(() => at.folder.write("home/.claude/commands/c.md", "Do."));
  expect(last).toEqual({ skills: [], more: true });
  await told(() => at.folder.write("home/.claude/commands/d.md", "Do."));
  await told(() => rmSync(at.folder.path("home/.claude"), { recursive: true }));
  await told(() => at.folder.write("home/.claude/agents/a.md", agent("a")));
  await told(() => at.folder.write("home/.claude/agents/b.md", agent("b")));
  expect(at.read()).toEqual([
    { id: "claude@user", has: ["agent/a", "agent/b"] },
    { id: "agents@project", has: ["skill/a"] },
  ]);
});
