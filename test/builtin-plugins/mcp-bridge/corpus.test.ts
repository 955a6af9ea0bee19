import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { readPlugin } from "../../../schemas/formats/index.ts";
import { admit } from "../../../builtin-plugins/mcp-bridge/admission.ts";
import { resolveEndpoint, type EndpointResult } from "../../../builtin-plugins/mcp-bridge/endpoint.ts";
import { sourceDigest, type ServerSource } from "../../../builtin-plugins/mcp-bridge/server-source.ts";
import type { PluginInfo, Workspace } from "../../../plugin-api/index.ts";

const CORPUS = fileURLToPath(new URL("../../../../shared/corpus/dev", import.meta.url));

/** Every variable that configurations mention has a value, so that only what is wrong with a configuration itself is left. */
function workspaceFor(sources: readonly ServerSource[]): Workspace {
  const names = [...JSON.stringify(sources).matchAll(/\$\{([A-Za-z_]\w*)/gu)].map(([, name = ""]) => name);
  return {
    directory: "/project",
    projectDirectory: "/project",
    homeDirectory: "/home/me",
    plugsmithHome: "/home/me/.plugsmith",
    trusted: true,
    environment: Object.fromEntries(names.map((name) => [name, valueOf(name)])),
  };
}

function valueOf(name: string): string {
  return /url/iu.test(name) ? "https://example.test/mcp" : `value-of-${name}`;
}

function pluginFolders(): readonly string[] {
  const files = readdirSync(CORPUS, { recursive: true, encoding: "utf8" });
  const folders = files.flatMap((file) => {
    if (file.includes(`node_modules${sep}`)) return [];
    if (file.endsWith(join(".claude-plugin", "plugin.json"))) return [dirname(dirname(file))];
    return [".mcp.json", "mcp.json"].includes(basename(file)) ? [dirname(file)] : [];
  });
  return [...new Set(folders)].sort();
}

function sourcesIn(folder: string): readonly ServerSource[] {
  const directory = join(CORPUS, folder);
  const { manifest } = readPlugin(openDirectoryTree(directory));
  if (manifest === undefined) return [];
  const name = manifest.name === "" ? "unnamed" : manifest.name;
  const plugin: PluginInfo = {
    id: `${name}@corpus`,
    name,
    version: "1",
    tier: "installed",
    directory,
    dataDirectory: "/data",
  };
  const options = Object.fromEntries(Object.keys(manifest.userConfig).map((key) => [key, `option-${key}`]));
  return manifest.contributions.flatMap((server) =>
    server.kind === "mcp" ? [{ plugin, server, userConfig: manifest.userConfig, options }] : [],
  );
}

function problemOf(result: EndpointResult): string | undefined {
  if (result.kind === "problem") return result.problem;
  const { endpoint } = result;
  const whole = JSON.stringify(
    endpoint.transport === "stdio"
      ? [endpoint.command, endpoint.args, endpoint.environment]
      : [endpoint.url, endpoint.headers],
  );
  if (/\$\{(?:CLAUDE_)?PLUGIN_ROOT\}/u.test(whole)) return "a placeholder was left";
  if (endpoint.transport === "stdio" && endpoint.environment["PLUGIN_DATA"] !== "/data") return "no data folder";
  return undefined;
}

describe("every MCP server of the corpus", () => {
  it("gets a command line with its environment, or an address; none of it is run", async () => {
    if (!existsSync(CORPUS)) {
      console.log(`the corpus is not at ${CORPUS}: no MCP configuration of it was looked at`);
      return;
    }
    const sources = pluginFolders().flatMap(sourcesIn);
    const workspace = workspaceFor(sources);
    const secrets = { option: async () => "secret" };
    const results = await Promise.all(sources.map((source) => resolveEndpoint(source, { workspace, secrets })));
    const problems = results.flatMap((result, index) => {
      const problem = problemOf(result);
      return problem === undefined
        ? []
        : [`${sources[index]?.plugin.id ?? ""} ${sources[index]?.server.name ?? ""}: ${problem}`];
    });
    const kinds = Object.groupBy(results, (result) =>
      result.kind === "endpoint" ? result.endpoint.transport : "problem",
    );
    const counts = Object.entries(kinds).map(([kind, list]) => `${String(list.length)} ${kind}`);
    console.log(`${String(sources.length)} MCP servers in the corpus: ${counts.join(", ")}`, problems);
    expect(sources.length).toBeGreaterThan(50);
    expect(problems).toEqual([]);
    expect(new Set(sources.map(sourceDigest)).size).toBe(sources.length);
    const { admitted, skipped } = await admit(sources, workspace, () => undefined);
    expect(admitted.length + skipped.size).toBe(sources.length);
    expect(new Set(admitted.map(({ prefix }) => prefix)).size).toBe(admitted.length);
  });
});
