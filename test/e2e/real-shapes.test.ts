import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CommandResult, plugin } from "../support/command.ts";
import { type FixtureMarket, marketFiles } from "../support/plugin-files.ts";
import { temporaryHome } from "../support/temporary-home.ts";

/** Shapes that real marketplaces have and that were told wrongly once. */
const MARKET: FixtureMarket = {
  name: "acme",
  plugins: {
    early: { version: "2.0.0-rc.1" },
    top: { version: "1.0.0", dependencies: ["early"] },
  },
  catalog: {
    plugins: [
      { name: "early", source: "./plugins/early" },
      { name: "top", source: "./plugins/top" },
      {
        name: "server",
        version: "1.0.0",
        description: "a language server",
        source: "./servers/one",
        strict: false,
        lspServers: { one: { command: "one-server", args: ["--stdio"], extensionToLanguage: { ".one": "one" } } },
        commands: ["./commands/none.md"],
      },
      { name: "hollow", source: "./plugins/early/skills", strict: false },
      { name: "gone", source: "./plugins/gone" },
    ],
  },
};

async function withMarket(
  use: (run: (...words: readonly string[]) => Promise<CommandResult>, added: CommandResult) => Promise<void>,
): Promise<void> {
  using place = temporaryHome();
  for (const [path, text] of Object.entries(marketFiles(MARKET))) place.write(join("acme", path), text);
  place.write("acme/servers/one/README.md", "# one\n");
  const run = (...words: readonly string[]): Promise<CommandResult> =>
    plugin(words, { home: place.path("home"), cwd: place.directory });
  await use(run, await run("marketplace", "add", "./acme"));
}

describe("on marketplaces as they are, the command", () => {
  it("counts only the plugins that can be installed", () =>
    withMarket(async (_run, added) => {
      expect(added.exit).toBe(0);
      expect(added.stdout).toContain("4 plugins; 1 entry cannot be used");
    }));

  it("installs the pre-release that is all a marketplace offers, also as a dependency, and finds nothing outdated", () =>
    withMarket(async (run) => {
      expect(await run("add", "top@acme", "--yes")).toMatchObject({ exit: 0 });
      expect((await run("list")).stdout).toContain("2.0.0-rc.1");
      expect((await run("add", "top@acme", "--yes")).stdout).toContain("nothing to do");
      expect((await run("sync", "--frozen")).exit).toBe(0);
      expect((await run("outdated")).stdout).toContain("everything is as new as its source");
    }));

  it("asks before it installs a server that only the entry declares, and says in which line something is missing", () =>
    withMarket(async (run) => {
      const refused = await run("add", "server@acme", "--yes");
      expect(refused.exit).toBe(3);
      expect(refused.stderr).toContain("one-server --stdio");
      expect(refused.stdout).toMatch(/`\.\/commands\/none\.md` not found[^]*marketplace\.json:1\d:5/u);
      const digest = /--accept (sha256-[0-9a-f]{64})/u.exec(refused.stderr)?.[1] ?? "";
      expect(await run("add", "server@acme", "--yes", "--accept", digest)).toMatchObject({ exit: 0 });
    }));

  it("says that a plugin adds nothing when its skills lie where none is read", () =>
    withMarket(async (run) => {
      const { exit, stdout } = await run("add", "hollow@acme", "--yes");
      expect(exit).toBe(0);
      expect(stdout).toContain("`hollow@acme` adds nothing");
    }));

  it("says once and shortly why something that is listed is not there", () =>
    withMarket(async (run) => {
      const { exit, stderr } = await run("add", "gone@acme", "--yes");
      expect(exit).toBe(4);
      expect(stderr).toMatch(/^error: `gone@acme` is not available: [^\n]*`plugins\/gone`/u);
      expect(stderr).not.toContain("no set of versions");
    }));
});
