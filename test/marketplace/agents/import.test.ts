import { describe, expect, test } from "vitest";
import { refusePlaces } from "../../../cli/strange-places.ts";
import { readHoldings } from "../../../marketplace/agents/import/holdings.ts";
import { type Proposal, propose, requestsOf } from "../../../marketplace/agents/import/proposal.ts";
import { readCurrent } from "../../../marketplace/generations/generations.ts";
import { type HeldHome, heldHome, TEN, tenPlugins } from "./held-home.ts";

async function proposed(world: HeldHome, names: readonly string[]): Promise<Proposal> {
  const holdings = await readHoldings(names, world.machine, world.home);
  const { catalogs, sources } = await world.engine();
  return propose(holdings, { catalogs, sources, isInstalled: () => false, progress: () => undefined });
}

const reasons = ({ unplaced }: Proposal): readonly string[] => unplaced.map(({ what, why }) => `${what}: ${why}`);

describe("importing what agents installed by themselves", () => {
  test("ten plugins of Claude Code come over in their versions, the one that is off stays off", async () => {
    await using world = heldHome();
    tenPlugins(world);
    const proposal = await proposed(world, ["claude"]);
    expect(proposal.marketplaces.map(({ name, isNew }) => [name, isNew])).toEqual([
      ["first", true],
      ["second", true],
    ]);
    expect(Object.fromEntries(proposal.plugins.map(({ id, range }) => [id.split("@")[0], range]))).toEqual(TEN);
    expect(proposal.plugins.filter(({ enabled }) => enabled !== true).map(({ id }) => id)).toEqual(["theta@second"]);
    expect(proposal.doubles).toContainEqual({
      agent: "claude",
      id: "alpha@first",
      takeAway: "claude plugin uninstall alpha@first",
    });
    expect(proposal.unplaced).toEqual([]);
    const engine = await world.engine();
    expect(engine.catalogs.list()).toEqual([]);
    for (const { source } of proposal.marketplaces) await engine.catalogs.add(source);
    const requests = requestsOf(proposal.plugins);
    const interaction = { dryRun: false, confirm: () => Promise.resolve(true), allowPlaces: refusePlaces };
    await engine.change({ scope: "user" }, { verb: "add", requests }, interaction);
    const plugins = readCurrent(world.home)?.roots["user"]?.plugins ?? [];
    expect(Object.fromEntries(plugins.map(({ id, version }) => [id.split("@")[0], version]))).toEqual(TEN);
    expect(plugins.filter(({ enabled }) => !enabled).map(({ id }) => id)).toEqual(["theta@second"]);
  });

  test("of one plugin that several agents hold there is one, on where any has it on", async () => {
    await using world = heldHome();
    const url = world.market("acme", { kit: { version: "1.0.0" } });
    world.write(
      ".codex/config.toml",
      `[marketplaces.acme]\nsource_type = "git"\nsource = "${url}"\n[plugins."kit@acme"]\nenabled = false\n`,
    );
    world.write(".codex/plugins/cache/acme/kit/1.0.0/x", "");
    world.write(".copilot/settings.json", {
      extraKnownMarketplaces: { acme: { source: { source: "git", url } } },
      enabledPlugins: { "kit@acme": true },
    });
    const { plugins, doubles } = await proposed(world, []);
    expect(plugins).toMatchObject([{ id: "kit@acme", range: "1.0.0", enabled: true, agents: ["codex", "copilot"] }]);
    expect(doubles.map(({ takeAway }) => takeAway)).toEqual([
      "codex plugin remove kit@acme",
      "copilot plugin uninstall kit@acme",
    ]);
  });

  test("a version that is not on offer is said, and the marketplace's own copy taken", async () => {
    await using world = heldHome();
    const url = world.market("acme", { kit: { version: "2.0.0" } });
    world.write(".claude/plugins/known_marketplaces.json", { acme: { source: { source: "git", url } } });
    world.write(".claude/plugins/installed_plugins.json", {
      version: 1,
      plugins: { "kit@acme": { version: "1.0.0", installPath: "/x" } },
    });
    const [plugin] = (await proposed(world, ["claude"])).plugins;
    expect(plugin).toMatchObject({ id: "kit@acme", instead: "`1.0.0` is not on offer, `2.0.0` is" });
    expect(plugin?.range).toBeUndefined();
  });

  test("skills and extensions come from their repository, else from their folder", async () => {
    await using world = heldHome();
    const url = world.market("acme", { greet: { version: "1.0.0" }, ext: { version: "1.0.0" } });
    for (const name of ["greet", "loose"]) {
      world.write(`.agents/skills/${name}/SKILL.md`, `---\nname: ${name}\ndescription: d\n---\n\nHi.\n`);
    }
    world.write(".agents/.skill-lock.json", {
      version: 3,
      skills: { greet: { source: "x/y", sourceUrl: url }, gone: { source: "x/y" } },
    });
    world.write(".agents/skills/empty/readme.txt", "");
    world.write(".gemini/extensions/ext/gemini-extension.json", { name: "ext", version: "1.0.0" });
    world.write(".gemini/extensions/ext/.gemini-extension-install.json", { source: url, type: "git" });
    world.write(".gemini/extensions/own/gemini-extension.json", { name: "own", version: "1.0.0" });
    world.write(".gemini/extensions/ours/.gemini-extension-install.json", {
      source: `${world.home.agents}/gemini/user/ours`,
      type: "link",
    });
    const proposal = await proposed(world, ["gemini", "skills"]);
    expect(proposal.plugins.map(({ id, path }) => [id, path])).toEqual([
      ["ext@acme", undefined],
      ["greet@acme", undefined],
      ["loose@local", `${world.machine.homeDirectory}/.agents/skills/loose`],
    ]);
    expect(reasons(proposal)).toEqual([
      "plugin own: where it came from is not written down",
      expect.stringMatching(/^skill gone: .*does not exist$/u),
      "folder empty: it holds no `SKILL.md`",
    ]);
  });

  test("files as Codex 0.171, Copilot CLI 1.0.102 and `skills` 1.7 write them", async () => {
    await using world = heldHome();
    const url = world.market("acme", { kit: { version: "1.0.0" } });
    const skills = world.market("words", { greet: { version: "1.0.0" } });
    const codex = [
      `[marketplaces.acme]\nsource_type = "git"\nsource = "${url}"\nsparse_paths = [".claude-plugin", "plugins"]\n`,
      '[plugins."kit@acme"]\nenabled = true\n\n[plugins."lint@openai-bundled"]\nenabled = true\n',
    ];
    world.write(".codex/config.toml", codex.join("\n"));
    world.write(".codex/plugins/cache/acme/kit/1.0.0/.claude-plugin/plugin.json", { name: "kit", version: "1.0.0" });
    world.write(".copilot/settings.json", {
      extraKnownMarketplaces: { acme: { source: { source: "git", url } } },
      enabledPlugins: { "kit@acme": false },
    });
    const installed = (members: object): object => ({
      name: "kit",
      version: "1.0.0",
      installed_at: "2026-11-30T02:35:45.577788988Z",
      cache_path: world.files.path("person/.copilot/installed-plugins/acme/kit"),
      enabled: true,
      ...members,
    });
    const direct = world.files.path("person/.copilot/installed-plugins/_direct/solo");
    world.write(".copilot/installed-plugins/_direct/solo/.claude-plugin/plugin.json", {
      name: "solo",
      version: "2.0.0",
    });
    const list = {
      installedPlugins: [
        installed({ marketplace: "acme", enabled: false, source_sha: "bf5eb9ec3f5547bb30fcc58dc824ceb6" }),
        installed({
          name: "solo",
          version: "2.0.0",
          marketplace: "",
          cache_path: direct,
          source: { source: "local", path: "/does/not/exist" },
        }),
      ],
    };
    world.write(
      ".copilot/config.json",
      `// User settings belong in settings.json.\n// This file is managed automatically.\n${JSON.stringify(list)}\n`,
    );
    const locked = (name: string, members: object): object => ({
      source: skills,
      sourceType: "git",
      sourceUrl: skills,
      skillPath: `skills/${name}/SKILL.md`,
      skillFolderHash: "16cdfec4204027820799d8848b48d623aabd99f78bd1daa08c476a5989bcaa7d",
      installedAt: "2026-11-30T02:35:56.701Z",
      updatedAt: "2026-11-30T02:35:56.701Z",
      ...members,
    });
    const page = {
      source: "pages.example",
      sourceType: "well-known",
      sourceUrl: "https://pages.example/page/SKILL.md",
    };
    world.write(".agents/.skill-lock.json", {
      version: 3,
      skills: { greet: locked("greet", { ref: "main" }), page: locked("page", page) },
      dismissed: {},
    });
    for (const name of ["greet", "page"]) {
      world.write(`.agents/skills/${name}/SKILL.md`, `---\nname: ${name}\ndescription: d\n---\n\nHi.\n`);
    }
    const holdings = await readHoldings([], world.machine, world.home);
    const facts = holdings.flatMap(({ agent, plugins }) =>
      plugins.map(({ name, version, enabled, market }) => [agent, name, version, enabled, market?.name]),
    );
    expect(facts).toEqual([
      ["codex", "kit", "1.0.0", true, "acme"],
      ["codex", "lint", undefined, true, "openai-bundled"],
      ["copilot", "kit", "1.0.0", false, "acme"],
      ["copilot", "solo", "2.0.0", true, undefined],
      ["skills", "greet", undefined, undefined, "greet"],
      ["skills", "page", undefined, undefined, undefined],
    ]);
    const skill = holdings.flatMap(({ plugins }) => plugins).find(({ name }) => name === "greet");
    expect(skill?.market?.source).toMatchObject({ kind: "git", ref: "main" });
    const proposal = await proposed(world, ["codex", "copilot", "skills"]);
    const folder = world.files.path("person/.agents/skills/page");
    expect(proposal.plugins.map(({ id, path }) => [id, path])).toEqual([
      ["greet@words", undefined],
      ["kit@acme", undefined],
      ["page@local", folder],
      ["solo@local", direct],
    ]);
    expect(reasons(proposal)).toEqual([expect.stringMatching(/^plugin lint@openai-bundled: where its marketplace/u)]);
    const hint = `move \`${folder}\` elsewhere and \`plugin add\` it from there, or leave it where it is and \`plugin remove page@local\``;
    expect(proposal.doubles).toContainEqual({ agent: "skills", id: "page@local", takeAway: hint });
    expect(proposal.doubles).toContainEqual({
      agent: "skills",
      id: "greet@words",
      takeAway: "npx skills remove greet --global --yes",
    });
  });
});

/** Homes that are wrong, and what is said of each. */
const WRONG: readonly {
  readonly what: string;
  readonly files: Readonly<Record<string, unknown>>;
  readonly said: readonly RegExp[];
}[] = [
  { what: "nothing at all", files: {}, said: [] },
  {
    what: "files that are cut off",
    files: {
      ".claude/settings.json": '{ "enabledPlugins": ',
      ".claude/plugins/installed_plugins.json": "[]",
      ".codex/config.toml": "[plugins\n",
      ".copilot/settings.json": "{,}",
      ".gemini/extensions/x/.gemini-extension-install.json": "no",
    },
    said: [
      /^the whole file: .*settings\.json` is not valid JSON/u,
      /^the whole file: it is no object/u,
      /^the whole file: .*config\.toml` is not valid TOML/u,
      /^the whole file: .*settings\.json/u,
      /^the whole file: .*install\.json` is not valid JSON/u,
      /^plugin x: where it came from/u,
    ],
  },
  {
    what: "a newer list of installs, and ids that are none",
    files: {
      ".claude/plugins/installed_plugins.json": { version: 9, plugins: { "a@b": [] } },
      ".claude/settings.json": { enabledPlugins: { nonsense: true, "kit@nowhere": true, "off@nowhere": false } },
    },
    said: [/version `9` is not known/u, /^plugin nonsense: its name/u, /^plugin kit@nowhere: where its marketplace/u],
  },
  {
    what: "marketplaces of kinds that are not known, or that are gone",
    files: {
      ".claude/settings.json": {
        extraKnownMarketplaces: {
          odd: { source: { source: "carrier-pigeon" } },
          gone: { source: { source: "directory", path: "/does/not/exist" } },
        },
        enabledPlugins: { "kit@gone": true },
      },
      ".codex/config.toml": '[marketplaces.odd]\nsource_type = "scroll"\nsource = "x"\n',
    },
    said: [
      /^marketplace odd: the kind of marketplace source is `carrier-pigeon`/u,
      /^marketplace gone: `\/does\/not\/exist` does not exist/u,
      /^plugin kit@gone: `\/does\/not\/exist` does not exist/u,
      /^marketplace odd: the kind of marketplace source is `scroll`/u,
    ],
  },
  {
    what: "an install of a project, and what came from here",
    files: {
      ".claude/plugins/installed_plugins.json": {
        version: 2,
        plugins: {
          "kit@acme": [{ scope: "project", projectPath: "/p", version: "1.0.0" }],
          "kit@plugsmith": [{ scope: "user", version: "1.0.0" }],
          "kit@plugsmith-web-0123abcd": [{ scope: "local", projectPath: "/p", version: "1.0.0" }],
        },
      },
      ".codex/config.toml": '[plugins."kit@plugsmith"]\nenabled = true\n',
    },
    said: [/^plugin kit@acme: it is of the project `\/p`; go there and run `plugin add kit@acme --scope project`$/u],
  },
];

describe("what cannot be imported is said", () => {
  test.each(WRONG)("$what", async ({ files, said }) => {
    await using world = heldHome();
    for (const [path, content] of Object.entries(files)) world.write(path, content);
    const proposal = await proposed(world, []);
    expect(proposal.plugins).toEqual([]);
    const found = reasons(proposal);
    expect(found).toHaveLength(said.length);
    found.forEach((text, at) => expect(text).toMatch(said[at] ?? /^$/u));
  });

  // A folder in its place is what every disk refuses to read as a file.
  test.each([".claude/settings.json", ".codex/config.toml", ".copilot/settings.json"])(
    "%s, which is there and cannot be read, ends the import",
    async (file) => {
      await using world = heldHome();
      world.write(`${file}/kept`, "");
      await expect(proposed(world, [])).rejects.toMatchObject({ code: "E_IO", where: expect.stringContaining(file) });
    },
  );

  test("an agent that is not known", async () => {
    await using world = heldHome();
    await expect(readHoldings(["claud"], world.machine, world.home)).rejects.toThrow("cannot be read");
  });
});
