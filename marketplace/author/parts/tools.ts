import type { ScaffoldPart } from "../scaffold-part.ts";

const DESCRIPTION = "Turns a title into a name for a file or an address: lower-case words joined by -";

/** A tool in code of the plugin's own; the manifest announces it so that nothing has to run to be listed. */
export const tools: ScaffoldPart = {
  files: {
    "tools.mjs": `import { definePlugin, defineTool, toolPoint } from "plugsmith/plugin-api";

const slug = defineTool({
  name: "Slug",
  description: "${DESCRIPTION}",
  inputSchema: { type: "object", properties: { title: { type: "string" } }, required: ["title"] },
  readOnly: true,
  run: ({ title }) =>
    title
      .normalize("NFKD")
      .toLowerCase()
      .replace(/\\p{M}/gu, "")
      .replace(/[^\\p{L}\\p{N}]+/gu, "-")
      .replace(/^-|-$/g, ""),
});

export default definePlugin({
  activate: (context) => void context.contribute(toolPoint, "Slug", slug),
});
`,
  },
  manifest: {
    plugsmith: {
      entry: "./tools.mjs",
      contributes: {
        "plugsmith/tool": [
          {
            name: "Slug",
            description: DESCRIPTION,
            inputSchema: { type: "object", properties: { title: { type: "string" } }, required: ["title"] },
            readOnly: true,
            concurrencySafe: true,
          },
        ],
      },
    },
  },
  cases: [
    `- name: a title becomes a file name
  tool: Slug
  input: { title: Hello World }
  expect:
    result: hello-world`,
  ],
  readme: "a tool in code of its own, `Slug`, for hosts that read the `plugsmith` key of the manifest",
};
