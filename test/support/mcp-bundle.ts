import { zipArchive, type ZipMember } from "./zip-archive.ts";

/** A server without a library whose tool `say` answers with its variable GREETING, its arguments and its folder. */
const SERVER = `import { createInterface } from "node:readline";
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "greeter", version: "1.0.0" },
  }),
  "tools/list": () => ({ tools: [{ name: "say", description: "Says it", inputSchema: { type: "object" } }] }),
  "tools/call": () => ({
    content: [{ type: "text", text: [process.env.GREETING, ...process.argv.slice(2), import.meta.url].join(" ") }],
  }),
};
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  const result = answers[method]?.(params);
  if (id !== undefined && result) console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
});
`;

/** The manifest of a bundle as its tools write it. */
export const GREETER: Readonly<Record<string, unknown>> = {
  manifest_version: "0.3",
  name: "Greeter of Acme",
  version: "1.0.0",
  description: "Greets",
  author: { name: "Acme" },
  server: {
    type: "node",
    entry_point: "server/index.mjs",
    mcp_config: {
      command: "node",
      args: ["${__dirname}/server/index.mjs", "${user_config.words}", "${/}"],
      env: { GREETING: "${user_config.greeting}" },
      platform_overrides: { [process.platform]: { env: { GREETING: "${user_config.greeting}!" } } },
    },
  },
  user_config: {
    greeting: { type: "string", title: "Greeting", description: "What it says", default: "hello" },
    words: { type: "string", title: "Words", description: "And then", multiple: true, default: ["a b", "c"] },
  },
};

/** A bundle with a server that works; `more` are further members. */
export function greeterBundle(manifest: unknown = GREETER, more: readonly ZipMember[] = []): Buffer {
  return zipArchive([
    { name: "manifest.json", text: JSON.stringify(manifest) },
    { name: "server/index.mjs", text: SERVER },
    ...more,
  ]);
}
