import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { marketFiles } from "./plugin-files.ts";
import type { TemporaryHome } from "./temporary-home.ts";

const EVERYTHING = join(
  dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/server-everything/package.json")),
  "dist/index.js",
);

/** The name of a tool of the real server. */
export const realTool = (name: string): string => `mcp__plugin_every_thing__${name}`;

/** What refuses one text, wherever it is sent. */
const GUARD = `let text = "";
process.stdin.on("data", (part) => (text += part)).on("end", () => {
  if (!text.includes("forbidden")) return;
  process.stderr.write("the guard refuses this text");
  process.exitCode = 2;
});
`;

const COUNT = `import { definePlugin, toolPoint } from "plugsmith/plugin-api";
export default definePlugin({
  activate(context) {
    context.contribute(toolPoint, "Count", {
      descriptor: ${JSON.stringify(countTool())},
      call: ({ text }) => ({ content: [{ type: "text", text: String(text.length) }] }),
    });
  },
});
`;

function countTool(): Readonly<Record<string, unknown>> {
  return {
    name: "Count",
    description: "Counts characters",
    inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
    readOnly: true,
    concurrencySafe: true,
  };
}

/**
 * Writes four plugins: \`every\` with a real MCP server, \`count\` with code, \`guard\` with a hook, each a folder for
 * \`--plugin-dir\`, and \`notes\` with a skill and a command in the marketplace \`market\`. Returns the flags for the folders.
 */
export function writeServedPlugins(files: TemporaryHome): readonly string[] {
  const write = (path: string, value: unknown): string =>
    files.write(path, typeof value === "string" ? value : JSON.stringify(value));
  const manifest = (name: string, more: object = {}): string =>
    write(`${name}/.claude-plugin/plugin.json`, { name, version: "1.0.0", ...more });
  manifest("every");
  write("every/.mcp.json", { mcpServers: { thing: { command: process.execPath, args: [EVERYTHING, "stdio"] } } });
  manifest("count", { plugsmith: { entry: "./count.mjs", contributes: { "plugsmith/tool": [countTool()] } } });
  write("count/count.mjs", COUNT);
  manifest("guard");
  const command = `"${process.execPath}" "\${CLAUDE_PLUGIN_ROOT}/guard.mjs"`;
  const hook = { matcher: "mcp__.*", hooks: [{ type: "command", command }] };
  write("guard/hooks/hooks.json", { hooks: { PreToolUse: [hook] } });
  write("guard/guard.mjs", GUARD);
  const notes = {
    version: "1.0.0",
    files: {
      "commands/draft.md": "---\ndescription: Drafts a note\narguments: [kind, topic]\n---\nA $kind about $topic.\n",
    },
  };
  for (const [path, text] of Object.entries(marketFiles({ name: "market", plugins: { notes } }))) {
    write(`market/${path}`, text);
  }
  return ["every", "count", "guard"].flatMap((name) => ["--plugin-dir", files.path(name)]);
}
