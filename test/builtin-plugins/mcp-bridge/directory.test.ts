import { expect, it } from "vitest";
import { resolveEndpoint } from "../../../builtin-plugins/mcp-bridge/endpoint.ts";
import type { ServerSource } from "../../../builtin-plugins/mcp-bridge/server-source.ts";
import { codePlugin } from "../../support/test-host.ts";

it.each([
  { trusted: true, directory: "/project" },
  { trusted: false, directory: "/home/person" },
])("starts a plugin's server in $directory where the project's trust is $trusted", async ({ trusted, directory }) => {
  const source: ServerSource = {
    plugin: codePlugin("p", {}, () => undefined).info,
    server: {
      kind: "mcp",
      name: "s",
      config: { transport: "stdio", command: "npx", args: ["server"], env: {} },
      where: { file: ".mcp.json" },
    },
    userConfig: {},
    options: {},
  };
  const workspace = {
    directory: "/project",
    projectDirectory: "/project",
    homeDirectory: "/home/person",
    plugsmithHome: "/home/person/.plugsmith",
    trusted,
    environment: {},
  };
  expect(await resolveEndpoint(source, { workspace })).toMatchObject({ endpoint: { transport: "stdio", directory } });
});
