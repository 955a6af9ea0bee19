import { describe, expect, it } from "vitest";
import { Catalog as Agents } from "../../builtin-plugins/agents/catalog.ts";
import { Catalog as Commands } from "../../builtin-plugins/commands/catalog.ts";
import { openHost } from "../../cli/session/open-host.ts";
import { ToolList, type ToolHandle } from "../../builtin-plugins/turn-loop/tool-list.ts";
import type { AgentContribution, CommandContribution, PluginInfo, PluginTier } from "../../plugin-api/index.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { MemorySession } from "../support/memory-sessions.ts";

const info = (id: string, tier: PluginTier = "installed"): PluginInfo => ({
  id,
  name: id.slice(0, id.indexOf("@")),
  version: "1",
  tier,
  directory: "/p",
  dataDirectory: "/d",
});

describe("two plugins with the same name for", () => {
  it("NM07: a command have both by their full names, and neither by the bare one", () => {
    const value: CommandContribution = { kind: "command", name: "go", file: "go.md", description: "", fields: {} };
    const only: CommandContribution = { ...value, name: "only" };
    const of = (reversed: boolean) => {
      const all = [
        { plugin: info("a@m"), name: "go", value },
        { plugin: info("b@m"), name: "go", value },
        { plugin: info("b@m"), name: "only", value: only },
      ];
      const commands = new Commands(reversed ? all.toReversed() : all);
      return ["a:go", "b:go", "go", "only"].map((name) => commands.find(name).length);
    };
    expect([of(false), of(true)]).toEqual([
      [1, 1, 2, 1],
      [1, 1, 2, 1],
    ]);
  });

  it("NM07: an agent have both by their full names, and neither by the bare one", () => {
    const value: AgentContribution = { kind: "agent", name: "scout", file: "scout.md", description: "d", fields: {} };
    const only: AgentContribution = { ...value, name: "only" };
    const agents = new Agents(
      [
        { plugin: info("a@m"), name: "scout", value },
        { plugin: info("b@m"), name: "scout", value },
        { plugin: info("b@m"), name: "only", value: only },
      ],
      () => undefined,
    );
    expect(["a:scout", "b:scout", "only"].map((name) => agents.get(name).name)).toEqual([
      "a:scout",
      "b:scout",
      "b:only",
    ]);
    expect(() => agents.get("scout")).toThrow("stands for several agents");
  });
});

it.each(["permissions", "core"])("NM05: a plugin called `%s` is another one than what is built in", async (name) => {
  using at = temporaryHome();
  at.write(`${name}/.claude-plugin/plugin.json`, JSON.stringify({ name, version: "1.0.0" }));
  at.write(`${name}/commands/Bash.md`, "---\ndescription: Mine.\n---\nMine.\n");
  at.write("project/readme.txt", "");
  const open = (pluginDirectories: readonly string[]) =>
    openHost({
      directory: at.path("project"),
      pluginDirectories,
      settings: [],
      trustWorkspace: true,
      environment: { PLUGSMITH_HOME: at.path("home"), HOME: at.directory, PATH: process.env["PATH"] },
      managedFiles: () => [],
    });
  const states = async (directories: readonly string[]) => {
    const opened = await open(directories);
    const all = opened.host.tree().plugins.map(({ id, state }) => [id, state.kind] as const);
    await opened.close();
    return Object.fromEntries(all);
  };
  const without = await states([]);
  const own = `${name}@inline`;
  expect(without).toHaveProperty(["permissions@builtin"]);
  expect(without).not.toHaveProperty([own]);
  expect(await states([at.path(name)])).toEqual({ ...without, [own]: "resolved" });
});

it.each(["Bash", "Read", "Skill"])("NM05: a plugin's tool `%s` never stands in for the host's", (name) => {
  const handle = (id: string, tier: PluginTier): ToolHandle => ({
    plugin: info(id, tier),
    name,
    descriptor: { name, description: id, inputSchema: { type: "object" }, readOnly: true, concurrencySafe: true },
    invoke: () => Promise.reject(new Error("not called")),
  });
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message), debug: () => undefined, info: () => undefined };
  const session = new MemorySession({ directory: "/" });
  const tools = (handles: readonly ToolHandle[]) =>
    new ToolList({ all: () => handles, onChange: () => ({ dispose: () => undefined }) }, undefined, log).of(session);
  expect(tools([handle("core@m", "installed")]).get(name)?.description).toBe("core@m");
  expect(warnings).toEqual([]);
  expect(tools([handle("core@m", "installed"), handle("own@builtin", "builtin")]).get(name)?.description).toBe(
    "own@builtin",
  );
  expect(warnings.join()).toContain(`\`core@m\` has a tool \`${name}\`, which \`own@builtin\` has already`);
});
