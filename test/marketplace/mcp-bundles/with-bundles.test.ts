import { describe, expect, it } from "vitest";
import { type BundleServices, type SourcePlugin, withBundles } from "../../../marketplace/mcp-bundles/with-bundles.ts";
import { DEFAULT_TREE_LIMITS } from "../../../marketplace/store/member-rules.ts";
import { scanTree } from "../../../marketplace/store/tree-scan.ts";
import { bundleFolder } from "../../../schemas/formats/components/mcp-bundle.ts";
import { executables, memoryTree, type MemoryFile, readPlugin } from "../../../schemas/formats/index.ts";
import { onPlatform } from "../../../schemas/formats/server-platform.ts";
import { treeDigest } from "../../../schemas/tree-digest.ts";
import { GREETER, greeterBundle } from "../../support/mcp-bundle.ts";
import { webServe } from "../../support/web-server.ts";
import { zipArchive, type ZipMember } from "../../support/zip-archive.ts";

const FOLDER = bundleFolder("box.mcpb");

const services = (more: Partial<BundleServices> = {}): BundleServices => ({
  decide: () => ({ allowed: true }),
  audit: { append: () => undefined } as unknown as BundleServices["audit"],
  offline: false,
  progress: () => undefined,
  signal: new AbortController().signal,
  rewrites: { web: (address) => address },
  ...more,
});

function source(files: Readonly<Record<string, MemoryFile>>, mcpServers: unknown = "./box.mcpb"): SourcePlugin {
  const manifest = JSON.stringify({ name: "p", version: "1.0.0", mcpServers });
  return {
    id: "p@m",
    version: "1.0.0",
    tree: memoryTree({ ".claude-plugin/plugin.json": manifest, ...files }),
    entry: undefined,
    market: undefined,
  };
}

async function unpacked(plugin: SourcePlugin, more?: Partial<BundleServices>) {
  const { tree, findings } = await withBundles(plugin, services(more));
  const { manifest, diagnostics } = readPlugin(tree);
  const { members } = scanTree(tree, { limits: DEFAULT_TREE_LIMITS, onFile: () => undefined });
  return {
    tree,
    digest: treeDigest(members),
    findings: [...diagnostics, ...findings],
    paths: members.map(({ path }) => path),
    programs: members.flatMap((one) => (one.kind === "file" && one.executable ? [one.path] : [])),
    manifest,
    servers: (manifest?.contributions ?? []).map((one) => (one.kind === "mcp" ? [one.name, one.config] : [])),
  };
}

const serverOf = (server: object, more: readonly ZipMember[] = []): Promise<Awaited<ReturnType<typeof unpacked>>> =>
  unpacked(source({ "box.mcpb": greeterBundle({ name: "box", server }, more) }));

describe("a bundle in a plugin", () => {
  it("becomes a part of its tree, with its server, its options and its commands as consent shows them", async () => {
    const { manifest, paths, servers, findings } = await unpacked(source({ "box.mcpb": greeterBundle() }));
    expect(findings).toEqual([]);
    expect(paths).toEqual([
      ".claude-plugin/plugin.json",
      `${FOLDER}/manifest.json`,
      `${FOLDER}/server/index.mjs`,
      "box.mcpb",
    ]);
    const args = [`\${CLAUDE_PLUGIN_ROOT}/${FOLDER}/server/index.mjs`, "${user_config.Greeter-of-Acme.words}", "/"];
    const start = (text: string) => ({ command: "node", args, env: { GREETING: text } });
    expect(servers).toEqual([
      [
        "Greeter-of-Acme",
        {
          transport: "stdio",
          ...start("${user_config.Greeter-of-Acme.greeting}"),
          platforms: { [process.platform]: start("${user_config.Greeter-of-Acme.greeting}!") },
        },
      ],
    ]);
    expect(manifest?.userConfig).toMatchObject({
      "Greeter-of-Acme.greeting": { type: "string", default: "hello", required: false },
      "Greeter-of-Acme.words": { multiple: true, default: ["a b", "c"] },
    });
    const facts = manifest === undefined ? [] : executables(manifest);
    expect(facts).toMatchObject([{ kind: "mcp", files: [`${FOLDER}/server/index.mjs`] }]);
    expect(facts[0]?.display).toContain(`(on ${process.platform}: `);
    expect(onPlatform(manifest?.contributions ?? [], process.platform)).toMatchObject([
      { config: { env: { GREETING: "${user_config.Greeter-of-Acme.greeting}!" } } },
    ]);
  });

  it.each<[string, object, object]>([
    [
      "node without `mcp_config`",
      { type: "node", entry_point: "server/index.mjs" },
      { command: "node", args: ["{}/server/index.mjs"] },
    ],
    ["python", { type: "python", entry_point: "main.py" }, { command: "python3", args: ["{}/main.py"] }],
    ["uv", { type: "uv", entry_point: "main.py" }, { command: "uv", args: ["run", "--directory", "{}", "main.py"] }],
    ["a program", { type: "binary", entry_point: "bin/run" }, { command: "{}/bin/run", args: [] }],
    [
      "files that are named without the folder",
      { mcp_config: { command: "bin/run", args: ["server/index.mjs", "--to", "other/file"] } },
      { command: "{}/bin/run", args: ["{}/server/index.mjs", "--to", "other/file"] },
    ],
    [
      "folders of the person",
      { mcp_config: { command: "node", args: ["${DOCUMENTS}${/}x"], env: { A: "${HOME}" } } },
      { command: "node", args: ["${HOME}/Documents/x"], env: { A: "${HOME}" } },
    ],
  ])("starts %s", async (_, server, wanted) => {
    const { servers, programs, findings } = await serverOf(server, [{ name: "bin/run", text: "#!/bin/sh\n" }]);
    expect(findings).toEqual([]);
    const text = JSON.stringify(servers[0]?.[1]).replaceAll(`\${CLAUDE_PLUGIN_ROOT}/${FOLDER}`, "{}");
    expect(JSON.parse(text)).toMatchObject(wanted);
    expect(programs).toEqual(text.includes("bin/run") ? [`${FOLDER}/bin/run`] : []);
  });

  it.each<[string, Buffer, string, number]>([
    ["AX01 climbs out", zipArchive([{ name: "../evil" }]), "E_ARCHIVE_PATH", 1],
    ["AX03 holds a link", zipArchive([{ name: "l", mode: 0o120777, text: ".." }]), "E_ARCHIVE_LINK", 1],
    ["AX09 has names that differ in case", greeterBundle(GREETER, [{ name: "A" }, { name: "a" }]), "E_ARCHIVE_PATH", 1],
    ["AX16 holds a hook of git", greeterBundle(GREETER, [{ name: ".git/hooks/x" }]), "E_ARCHIVE_PATH", 1],
    ["AX18 grows", greeterBundle(GREETER, [{ name: "x", text: Buffer.alloc(20 * 1024 * 1024) }]), "E_LIMIT_RATIO", 1],
    ["is a pointer to large storage", Buffer.from("version https://git-lfs"), "E_ARCHIVE_CORRUPT", 1],
    ["has no manifest", zipArchive([{ name: "server.js" }]), "E_MANIFEST", 1],
    ["has a manifest that is no JSON", zipArchive([{ name: "manifest.json", text: "{" }]), "E_JSON", 0],
    ["has no server", greeterBundle({ name: "x" }), "E_SCHEMA", 0],
    ["says not how it starts", greeterBundle({ name: "x", server: { type: "other" } }), "E_SCHEMA", 0],
  ])("that %s is left alone with a finding, and the rest loads", async (_, bundle, code, left) => {
    const { findings, servers } = await unpacked(
      source({ "box.mcpb": bundle }, ["./box.mcpb", { good: { command: "node" } }]),
    );
    expect(findings).toMatchObject([{ code, severity: "error", dropped: "mcp", line: 1 }]);
    expect(servers.map(([name]) => name)).toEqual([...(left === 1 ? ["box"] : []), "good"]);
  });

  it("counts, and not what its author's own host left beside it", async () => {
    const own = { [`${FOLDER}/manifest.json`]: "{}", [`${FOLDER}/evil.js`]: "", ".mcpb-cache/x": "" };
    const { digest, paths } = await unpacked(source({ "box.mcpb": greeterBundle(), ...own }));
    expect(paths).not.toContain(`${FOLDER}/evil.js`);
    expect(digest).toBe((await unpacked(source({ "box.mcpb": greeterBundle() }))).digest);
  });

  it("is not unpacked where the lock has the tree as it is, before or after", async () => {
    const plain = source({ "box.mcpb": greeterBundle() });
    const whole = await unpacked(plain);
    expect((await withBundles({ ...plain, tree: whole.tree, locked: whole.digest }, services())).tree).toBe(whole.tree);
    const { members } = scanTree(plain.tree, { limits: DEFAULT_TREE_LIMITS, onFile: () => undefined });
    const old = await withBundles({ ...plain, locked: treeDigest(members) }, services());
    expect(old.tree).toBe(plain.tree);
    expect(readPlugin(old.tree).manifest?.contributions).toMatchObject([{ config: { transport: "bundle" } }]);
  });
});

describe("a bundle at an address", () => {
  const URL = "https://boxes.example/box.mcpb?v=1";

  it("is fetched under its plugin's rules and part of the tree, so that other bytes are another tree", async () => {
    let bundle = greeterBundle();
    await using server = await webServe(() => ({ body: bundle }));
    const asked: unknown[] = [];
    const more: Partial<BundleServices> = {
      rewrites: { web: (address) => address.replace("https://boxes.example", server.origin) },
      decide: (subject) => {
        asked.push(subject);
        return { allowed: true };
      },
    };
    const first = await unpacked(source({}, URL), more);
    expect(first.servers.map(([name]) => name)).toEqual(["Greeter-of-Acme"]);
    expect(asked).toMatchObject([{ kind: "plugin", id: "p@m", source: { kind: "archive", url: URL } }]);
    bundle = greeterBundle(GREETER, [{ name: "more.txt", text: "x" }]);
    expect((await unpacked(source({}, URL), more)).digest).not.toBe(first.digest);
  });

  it.each<[string, string, Partial<BundleServices>]>([
    ["of this machine", "https://127.0.0.1/box.mcpb", {}],
    [
      "that policy forbids",
      URL,
      { decide: () => ({ allowed: false, reason: "no", rule: { key: "k", file: "f" } }) as never },
    ],
  ])("%s is not fetched, and neither is its plugin", async (_, url, more) => {
    await expect(unpacked(source({}, url), more)).rejects.toMatchObject({ code: "E_SOURCE_BLOCKED" });
  });

  it("needs a network", async () => {
    await expect(unpacked(source({}, URL), { offline: true })).rejects.toMatchObject({ code: "E_OFFLINE" });
  });
});
