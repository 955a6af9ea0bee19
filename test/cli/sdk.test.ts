import { describe, expect, it } from "vitest";
import { CodedError, isCodedError, openPlugsmith, type ConsentItem } from "../../cli/sdk.ts";
import { sandbox, type Sandbox } from "./sandbox.ts";

function withMarket({ files }: Sandbox): string {
  const plugins = [{ name: "tool", source: "./tool" }];
  files.write(
    "market/.claude-plugin/marketplace.json",
    JSON.stringify({ name: "acme", owner: { name: "t" }, plugins }),
  );
  files.write("market/tool/.claude-plugin/plugin.json", JSON.stringify({ name: "tool", version: "1.0.0" }));
  const mcpServers = { notes: { command: "node", args: ["${CLAUDE_PLUGIN_ROOT}/notes.mjs"] } };
  files.write("market/tool/.mcp.json", JSON.stringify({ mcpServers }));
  files.write("market/tool/notes.mjs", "process.exitCode = 0;\n");
  return files.path("market");
}

const add = { verb: "add", requests: [{ kind: "named", name: "tool", market: "acme" }] } as const;

describe("the SDK", () => {
  it("refuses what executes when nobody can answer, and changes nothing", async () => {
    using box = sandbox();
    const plugsmith = await openPlugsmith({ home: box.home });
    expect(await plugsmith.addMarketplace(withMarket(box))).toEqual({ name: "acme" });
    const error: unknown = await plugsmith.change({ scope: "user" }, add).catch((thrown: unknown) => thrown);
    expect(isCodedError(error) && error.code).toBe("E_TRUST");
    expect(error).toBeInstanceOf(CodedError);
    expect(plugsmith.current()).toBeUndefined();
    await plugsmith.close();
  });

  it("asks the program's person with everything that would run", async () => {
    using box = sandbox();
    const asked: ConsentItem[] = [];
    const plugsmith = await openPlugsmith({
      home: box.home,
      consent: async (items) => {
        asked.push(...items);
        return true;
      },
    });
    await plugsmith.addMarketplace(withMarket(box));
    const planned = await plugsmith.change({ scope: "user" }, add, { dryRun: true });
    expect(planned.outcome).toBe("dry-run");
    expect(asked).toEqual([]);
    const report = await plugsmith.change({ scope: "user" }, add);
    expect(report).toMatchObject({ outcome: "done", generation: 1 });
    expect(asked.map((item) => [item.id, item.executables.map((one) => one.kind)])).toEqual([["tool@acme", ["mcp"]]]);
    expect(plugsmith.current()?.roots["user"]?.plugins.map((plugin) => plugin.id)).toEqual(["tool@acme"]);
    await plugsmith.close();
  });
});
