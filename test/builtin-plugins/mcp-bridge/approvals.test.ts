import { describe, expect, it } from "vitest";
import type { Question, SettingsLayer } from "../../../plugin-api/index.ts";
import { mcpHost, projectServers, scriptedServer, serverPlugin, webServer } from "../../support/mcp-host.ts";
import { temporaryHome } from "../../support/temporary-home.ts";
import { webMcpServer } from "../../support/web-mcp-server.ts";

const plugins = [projectServers({ s: scriptedServer("plain") })];
const tools = ["mcp__s__echo", "mcp__s__slow"];

describe("servers that a project brings", () => {
  it("are not connected where nobody can say yes, and the reason says how to", async () => {
    await using host = await mcpHost({ plugins });
    await host.begin();
    expect(await host.names()).toEqual([]);
    expect(host.processes.started).toEqual([]);
    expect(host.test.warnings.join()).toContain(
      "MCP server `s` of `project@project` is not connected: nobody has approved it yet; `/mcp approve s` says yes",
    );
  });

  it("cannot look like something else in the question", async () => {
    const asked: Question[] = [];
    const name = "s`?\n\u001b[2K\u202eanswer yes";
    await using host = await mcpHost({
      plugins: [projectServers({ [name]: scriptedServer("plain", "a\nb\u200bc") })],
      person: async (question) => {
        asked.push(question);
        return undefined;
      },
    });
    await host.begin();
    const shown = JSON.stringify([asked[0]?.title, asked[0]?.detail]);
    expect(shown).toContain("answer yes");
    expect(shown).not.toMatch(/\\u001b|\u202e|\u200b|\\n"/u);
    expect(asked[0]?.title).not.toContain("\n");
  });

  it("are asked for once, with what they run, and the yes is kept in the person's settings of the project", async () => {
    const questions: Question[] = [];
    const settings = {};
    using home = temporaryHome();
    const options = {
      plugins,
      settings,
      bridgeData: home.path("bridge"),
      project: home.path("repository"),
      person: async (question: Question) => {
        questions.push(question);
        return { choice: "allow" };
      },
    };
    for (let round = 0; round < 2; round += 1) {
      await using host = await mcpHost(options);
      await host.begin();
      await host.awaitTool("mcp__s__echo");
      expect(await host.names()).toEqual(tools);
    }
    expect(questions).toMatchObject([
      {
        kind: "trust",
        title: "connect MCP server `s`, which this project brings?",
        detail: [expect.stringContaining("scripted-child.js")],
      },
    ]);
    expect(settings).toEqual({ local: { enabledMcpjsonServers: ["s"] } });
  });

  it("stay away after a no", async () => {
    const settings: Partial<Record<SettingsLayer, Record<string, unknown>>> = {};
    await using host = await mcpHost({ plugins, settings, person: async () => ({ choice: "deny" }) });
    await host.begin();
    while (settings.local === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await host.names()).toEqual([]);
    expect(settings).toEqual({ local: { disabledMcpjsonServers: ["s"] } });
  });

  const yes = { enabledMcpjsonServers: ["s"] };
  const rows: readonly {
    name: string;
    settings: Partial<Record<SettingsLayer, Record<string, unknown>>>;
    connected: boolean;
  }[] = [
    { name: "the project's own settings cannot say yes", settings: { project: yes }, connected: false },
    { name: "nor to all", settings: { project: { enableAllProjectMcpServers: true } }, connected: false },
    { name: "the person's can", settings: { user: yes }, connected: true },
    { name: "to all as well", settings: { user: { enableAllProjectMcpServers: true } }, connected: true },
    { name: "the company's can", settings: { managed: yes }, connected: true },
    {
      name: "the project can say no",
      settings: { user: yes, project: { disabledMcpjsonServers: ["s"] } },
      connected: false,
    },
  ];
  it.each(rows)("TR01: obey settings: $name", async ({ settings, connected }) => {
    await using host = await mcpHost({ plugins, settings });
    await host.begin();
    expect(await host.names()).toEqual(connected ? tools : []);
  });

  it("are asked for again when another program stands under the name", async () => {
    using home = temporaryHome();
    const settings = { local: { enabledMcpjsonServers: ["s"] } };
    const place = { settings, bridgeData: home.path("bridge"), project: home.path("repository") };
    {
      await using host = await mcpHost({ plugins, ...place });
      await host.begin();
      expect(await host.names()).toEqual(tools);
    }
    await using host = await mcpHost({
      plugins: [projectServers({ s: scriptedServer("plain", "", "other") })],
      ...place,
    });
    await host.begin();
    expect(await host.names()).toEqual([]);
    expect(host.test.warnings.join()).toContain("it changed since it was approved");
    expect(await host.expand("/mcp approve s")).toMatchObject({ answer: "`s` is approved in this project" });
    await host.awaitTool("mcp__s__echo");
  });

  it("TR01: are neither started nor reached while the workspace is not trusted", async () => {
    await using web = await webMcpServer();
    await using host = await mcpHost({
      plugins: [projectServers({ s: scriptedServer("plain"), w: webServer(web.url) })],
      settings: { user: { enableAllProjectMcpServers: true } },
      trusted: false,
    });
    await host.begin();
    expect(await host.names()).toEqual([]);
    expect([host.processes.started, web.heard]).toEqual([[], []]);
    expect(host.test.warnings.join()).toContain("the workspace is not trusted");
  });

  it("win over a plugin's server that is the same", async () => {
    await using host = await mcpHost({
      plugins: [serverPlugin("p", { t: scriptedServer("plain") }), ...plugins],
      settings: { user: { enableAllProjectMcpServers: true } },
    });
    await host.begin();
    expect(await host.names()).toEqual(tools);
  });
});
