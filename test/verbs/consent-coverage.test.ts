import { describe, expect, it } from "vitest";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";

const hookFile = (command: string): string =>
  JSON.stringify({ hooks: { Stop: [{ hooks: [{ type: "command", command }] }] } });

function publish(at: Place, files: Readonly<Record<string, string>>, entry: Readonly<Record<string, unknown>> = {}) {
  return at.market({ name: "acme", plugins: { tool: { version: "1.0.0", files, entry } } });
}

describe("consent after a change", () => {
  it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, string]>([
    [
      "a makefile in the folder of documents",
      {
        ".mcp.json": JSON.stringify({
          mcpServers: { m: { command: "make", args: ["-C", "${CLAUDE_PLUGIN_ROOT}/docs"] } },
        }),
      },
      { "docs/Makefile": "run:\n\tevil\n" },
      "+ docs/Makefile",
    ],
    [
      "a read-me that a hook's script reads as one",
      {
        "hooks/hooks.json": hookFile("bash ${CLAUDE_PLUGIN_ROOT}/run.sh"),
        "run.sh": ". ./README.md\n",
        "README.md": ":",
      },
      { "README.md": "evil" },
      "~ README.md",
    ],
    [
      "a program without extension that something else may start",
      { "run.sh": "exec ./sub/x\n", "sub/x": "#!/bin/sh\n" },
      { "sub/x": "#!/bin/sh\nevil\n" },
      "~ sub/x",
    ],
    [
      "the command of a status line",
      { "settings.json": '{"subagentStatusLine":{"type":"command","command":"date"}}' },
      { "settings.json": '{"subagentStatusLine":{"type":"command","command":"evil"}}' },
      "~ settings.json",
    ],
  ])("is asked for again, with what differs, for %s", async (_what, first, then, line) => {
    using at = placeHere();
    await at.ok(["marketplace", "add", publish(at, first)]);
    expect(await at.fails(3, ["add", "tool@acme"])).not.toContain("changed since");
    await at.accept(["add", "tool@acme"]);
    publish(at, { ...first, ...then });
    const refusal = await at.fails(3, ["update", "tool"]);
    expect(refusal).toContain("changed since you accepted");
    expect(refusal).toContain(line);
    await at.accept(["update", "tool"]);
  });

  it("is not asked for again for a read-me that nothing mentions", async () => {
    using at = placeHere();
    const files = { "hooks/hooks.json": hookFile("date"), "README.md": "one" };
    await at.ok(["marketplace", "add", publish(at, files)]);
    await at.accept(["add", "tool@acme"]);
    publish(at, { ...files, "README.md": "two" });
    expect(await at.ok(["update", "tool"])).toContain("reinstalled");
  });
});
