import type { ScaffoldPart } from "../scaffold-part.ts";

/** An MCP server of one file: the protocol over standard input and output is one JSON message a line. */
export const mcp: ScaffoldPart = {
  files: {
    ".mcp.json": `{
  "mcpServers": {
    "words": {
      "command": "node",
      "args": ["\${CLAUDE_PLUGIN_ROOT}/servers/words.mjs"]
    }
  }
}
`,
    "servers/words.mjs": `// An MCP server without dependencies. Standard output belongs to the protocol: log to standard error.
import { createInterface } from "node:readline";

const VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

const TOOLS = {
  count_words: {
    description: "Counts the words of a text",
    inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
    annotations: { readOnlyHint: true },
    call: ({ text }) => {
      if (typeof text !== "string") throw new Error("\`text\` must be a string");
      return \`\${text.split(/\\s+/).filter(Boolean).length} words\`;
    },
  },
};

class ProtocolError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const METHODS = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion: VERSIONS.includes(protocolVersion) ? protocolVersion : VERSIONS[0],
    capabilities: { tools: {} },
    serverInfo: { name: "words", version: "0.1.0" },
  }),
  ping: () => ({}),
  "tools/list": () => ({ tools: Object.entries(TOOLS).map(([name, { call, ...tool }]) => ({ name, ...tool })) }),
  "tools/call": ({ name, arguments: input = {} }) => {
    if (!Object.hasOwn(TOOLS, name)) throw new ProtocolError(-32602, \`there is no tool \${name}\`);
    try {
      return { content: [{ type: "text", text: TOOLS[name].call(input) }] };
    } catch (error) {
      // What goes wrong in a tool is for the model to read.
      return { content: [{ type: "text", text: error.message }], isError: true };
    }
  },
};

function answer({ id, method, params = {} }) {
  try {
    if (!Object.hasOwn(METHODS, method)) throw new ProtocolError(-32601, \`there is no method \${method}\`);
    return { jsonrpc: "2.0", id, result: METHODS[method](params) };
  } catch (error) {
    return { jsonrpc: "2.0", id, error: { code: error.code ?? -32603, message: error.message } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "") continue;
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    console.log(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32700, message: "this is no JSON" } }));
    continue;
  }
  // A notification has no id and gets no answer.
  if (message.id !== undefined && message.method !== undefined) console.log(JSON.stringify(answer(message)));
}
`,
  },
  cases: [
    `- name: the server counts words
  tool: words/count_words
  input: { text: one two three }
  expect:
    result: 3 words`,
  ],
  readme: "an MCP server, `words`, with a tool that counts words; it needs Node 18 or newer and nothing else",
};
