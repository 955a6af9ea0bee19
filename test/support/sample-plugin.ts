import type { TemporaryHome } from "./temporary-home.ts";

/** A server of MCP with one tool, `echo`, in as few lines as the protocol takes. */
export const SAMPLE_SERVER: string = `
import { createInterface } from "node:readline";
const results = {
  initialize: () => ({
    protocolVersion: "2025-06-18",
    capabilities: { tools: {} },
    serverInfo: { name: "sample", version: "1" },
  }),
  "tools/list": () => ({ tools: [{ name: "echo", description: "echoes", inputSchema: { type: "object" } }] }),
  "tools/call": ({ arguments: input }) => ({ content: [{ type: "text", text: JSON.stringify(input) }] }),
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, result: results[method]?.(params) ?? {} }));
}
`;

const FILES: Readonly<Record<string, string>> = {
  ".claude-plugin/plugin.json": JSON.stringify({ name: "sample", description: "one of everything", version: "1.0.0" }),
  "skills/weather/SKILL.md":
    "---\nname: weather\ndescription: Tells the weather.\n---\n\nLook out of the window, $ARGUMENTS.\n",
  "commands/greet.md": "---\ndescription: Greets somebody\n---\n\nGreet $0 in a $1 voice.\n",
  "agents/scout.md": "---\nname: scout\ndescription: Looks around\n---\n\nYou are the scout.\n",
  "output-styles/calm.md": "---\nname: calm\ndescription: Calm\n---\n\nSpeak calmly.\n",
  "hooks/hooks.json": JSON.stringify({
    hooks: {
      PreToolUse: [
        { matcher: "Bash", hooks: [{ type: "command", command: "bash ${CLAUDE_PLUGIN_ROOT}/hooks/check.sh" }] },
      ],
    },
  }),
  "hooks/check.sh": "if grep -q forbidden; then echo 'the sample forbids it' >&2; exit 2; fi\n",
  "bin/sample-tool": "#!/bin/sh\necho sample\n",
  "server.mjs": SAMPLE_SERVER,
  ".mcp.json": JSON.stringify({
    mcpServers: { echoes: { command: process.execPath, args: ["${CLAUDE_PLUGIN_ROOT}/server.mjs"] } },
  }),
  ".lsp.json": JSON.stringify({
    sample: { command: "sample-language-server", extensionToLanguage: { ".sample": "sample" } },
  }),
};

/** The kinds of components that the plugin has. */
export const SAMPLE_KINDS: readonly string[] = [
  "agent",
  "bin",
  "command",
  "hook",
  "lsp",
  "mcp",
  "output-style",
  "skill",
];

/** Writes a plugin with one component of every kind that built-ins take, and returns its folder. */
export function samplePlugin(home: TemporaryHome): string {
  for (const [name, text] of Object.entries(FILES)) home.write(`sample/${name}`, text);
  return home.path("sample");
}
