import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect, inject, it } from "vitest";
import { bundleFolder } from "../../schemas/formats/components/mcp-bundle.ts";
import { place } from "../support/machine.ts";
import { greeterBundle } from "../support/mcp-bundle.ts";

const TOOL = "mcp__plugin_tool_Greeter-of-Acme__say";

it("a server in a bundle is shown, agreed to, locked and called with the person's options, on another machine too", async () => {
  using at = place();
  const market = at.market({
    name: "acme",
    plugins: { tool: { manifest: { mcpServers: "./server/box.mcpb" }, version: "1.0.0" } },
  });
  at.write("acme/plugins/tool/server/box.mcpb", greeterBundle());
  const folder = bundleFolder("server/box.mcpb");
  const cwd = "project";
  at.write("project/README.md", "");
  for (const home of ["home", "mate"]) await at.ok(["marketplace", "add", market], { home });
  const asked = await at.fails(3, ["add", "tool@acme", "--scope", "project"], { cwd });
  expect(asked).toContain(`node \${CLAUDE_PLUGIN_ROOT}/${folder}/server/index.mjs`);
  await at.accept(["add", "tool@acme", "--scope", "project"], { cwd });
  await at.accept(["sync", "--trust-workspace", "--frozen"], { cwd, home: "mate" });
  const trees = ["home", "mate"].map((home) => at.root("project", home)?.plugins[0]?.tree);
  expect(trees[0]).toBe(trees[1]);
  expect(await at.ok(["info", "tool"], { cwd })).toContain("Greeter-of-Acme");
  expect(await at.json(["outdated"], { cwd })).toMatchObject({ exit: 0, document: { outdated: [] } });

  at.write(
    "mate/settings.json",
    JSON.stringify({ pluginConfigs: { "tool@acme": { mcpServers: { "Greeter-of-Acme": { greeting: "ahoy" } } } } }),
  );
  const home = at.path("mate");
  const client = new Client({ name: "official", version: "1.0.0" });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [join(inject("bundle"), "plugin.js"), "serve", "--trust-workspace", "--allowed-tools", TOOL],
      env: { PATH: process.env["PATH"] ?? "", HOME: home, PLUGSMITH_HOME: home },
      cwd: at.path(cwd),
    }),
  );
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain(TOOL);
  const { content } = await client.callTool({ name: TOOL, arguments: {} });
  const file = join(home, "store/trees", trees[0] ?? "", folder, "server/index.mjs");
  expect(content).toEqual([{ type: "text", text: `ahoy! a b c / file://${file}` }]);
  expect(readFileSync(file, "utf8")).toContain("tools/call");
  await client.close();
});
