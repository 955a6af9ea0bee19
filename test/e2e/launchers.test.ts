import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plugsmith } from "../support/command.ts";
import { imageRegistry } from "../support/image-registry.ts";
import { placeHere } from "../support/machine-here.ts";
import type { Place } from "../support/machine.ts";
import { type RegistryServer, registryServer } from "../support/registry-server.ts";
import { SAMPLE_SERVER } from "../support/sample-plugin.ts";

const SCRIPT = "npx -y @acme/say@^1.0.0 --to";

/** A plugin with a hook and a server that start packages, and two that cannot be locked. */
function files(): Readonly<Record<string, string>> {
  const hook = (command: string): unknown => ({ hooks: [{ type: "command", command }] });
  return {
    "hooks/hooks.json": JSON.stringify({
      hooks: { SessionStart: [hook(`${SCRIPT} "$CLAUDE_PROJECT_DIR/said"`)], PreCompact: [hook("npx -y other; true")] },
    }),
    ".mcp.json": JSON.stringify({
      mcpServers: {
        say: { command: "cmd", args: ["/c", "npx", "-y", "@acme/say@^1.0.0", "--serve"] },
        repo: { command: "npx", args: ["-y", "github:acme/tool"] },
      },
    }),
  };
}

/** Publishes a program that writes its version and that of what it needs, or serves; its scripts would write the file `ran`. */
function publish(registry: RegistryServer, version: string, ran: string): void {
  const postinstall = `echo ran > ${JSON.stringify(ran)}`;
  const dependencies = { words: "^1.0.0" };
  registry.publish(
    { name: "@acme/say", version, type: "module", bin: "cli.js", dependencies, scripts: { postinstall } },
    {
      "cli.js": `#!/usr/bin/env node
import { word } from "words";
import { writeFileSync } from "node:fs";
if (process.argv[2] === "--serve") await import("./server.js");
else writeFileSync(process.argv[3], ${JSON.stringify(version)} + " " + word);
`,
      "server.js": SAMPLE_SERVER,
    },
  );
  registry.publish({ name: "words", version }, { "index.js": `exports.word = ${JSON.stringify(`words ${version}`)};` });
}

/** What the hook of a session wrote, in which the server that is not locked comes from an `npx` that asks no network. */
async function said(at: Place, home = "home"): Promise<string | undefined> {
  at.write("project/script.mjs", `export default () => "done";`);
  at.write("bin/server.mjs", SAMPLE_SERVER);
  at.write("bin/npx", `#!/bin/sh\nexec "${process.execPath}" "${at.path("bin/server.mjs")}"\n`);
  chmodSync(at.path("bin/npx"), 0o755);
  const PATH = `${at.path("bin")}:${process.env["PATH"] ?? ""}`;
  const cwd = at.path("project");
  rmSync(join(cwd, "said"), { force: true });
  const words = ["-p", "hello", "--model", "scripted:script.mjs", "--no-session-persistence"];
  expect(await plugsmith(words, { home: at.path(home), cwd, env: { PATH } })).toMatchObject({
    exit: 0,
    stdout: "done\n",
  });
  const file = join(cwd, "said");
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Takes the program out of every tree that has it. */
function damage(at: Place): void {
  const trees = at.path("home/store/trees");
  for (const name of readdirSync(trees)) {
    const file = join(trees, name, "node_modules/@acme/say/cli.js");
    if (!existsSync(file)) continue;
    chmodSync(file, 0o644);
    writeFileSync(file, "//");
  }
}

// The verbs run in this process; the sessions, which start what was locked, are the program.
describe("a plugin whose commands download what they start", () => {
  it("is locked to it, runs those bytes with the registry gone and newer ones out, elsewhere too, and is moved by update", async () => {
    await using registry = await registryServer();
    using at = placeHere();
    publish(registry, "1.0.0", at.path("ran"));
    for (const home of ["home", "mate"]) at.write(`${home}/.npmrc`, `registry=${registry.url}\n`);
    const market = at.market({ name: "acme", plugins: { tool: { files: files() } } });
    for (const home of ["home", "mate"]) await at.ok(["marketplace", "add", market], { home });

    at.write("project/script.mjs", "");
    const scope = ["--scope", "project"];
    const cwd = "project";
    const dry = await at.json(["add", "tool@acme", ...scope, "--dry-run"], { cwd });
    expect(dry.document).toMatchObject({
      plan: {
        launchers: [
          { component: "a hook on `SessionStart`", packages: ["@acme/say@1.0.0"], count: 2 },
          { component: "a hook on `PreCompact`", unlocked: "it stands in a shell line of more than one command" },
          { component: "MCP server `repo`", unlocked: expect.stringContaining("a repository") as string },
          { component: "MCP server `say`", packages: ["@acme/say@1.0.0"], count: 2 },
        ],
      },
    });
    expect(registry.requests.map(({ path }) => path)).toEqual(["/@acme/say", "/words"]);

    const { plan } = dry.document as { plan: { consent: readonly { closure: string }[] } };
    const closure = plan.consent[0]?.closure ?? "none";
    const added = await at.ok(["add", "tool@acme", ...scope, "--accept", closure], { cwd });
    expect(added).toContain("MCP server `say` starts @acme/say@1.0.0 and 1 other package from the store");
    expect(existsSync(at.path("ran"))).toBe(false);
    expect(JSON.parse(readFileSync(at.path("project/plugins.lock"), "utf8"))).toMatchObject({
      launchers: {
        "@acme/say@^1.0.0": {
          commands: { "@acme/say": { say: "cli.js" } },
          packages: {
            "@acme/say": expect.stringMatching(/^1\.0\.0 sha512-\S+ script$/u) as string,
            words: expect.stringMatching(/^1\.0\.0 sha512-\S+$/u) as string,
          },
        },
      },
    });
    const info = await at.ok(["info", "tool"], { cwd });
    expect(info).toContain("MCP server `say`: locked to @acme/say@1.0.0 with 1 other package, starts from the store");
    expect(info).toContain("MCP server `repo`: unlocked, each start may run other code: it starts a repository");
    expect(await at.ok(["list", "--check"], { cwd })).toContain("a hook on `PreCompact` is unlocked");

    publish(registry, "1.1.0", at.path("ran"));
    const mate = { cwd, home: "mate" };
    await at.accept(["sync", "--trust-workspace", "--frozen"], mate);
    const asked = registry.requests.length;
    for (const path of ["/@acme/say", "/words"]) registry.misbehave(path, { status: 500 });
    expect(await said(at)).toBe("1.0.0 words 1.0.0");
    expect(await said(at, "mate")).toBe("1.0.0 words 1.0.0");
    damage(at);
    expect(await at.ok(["sync", "--offline"], { cwd })).toContain("repaired");
    expect(registry.requests.length).toBe(asked);
    expect(await at.ok(["update", "tool@acme", ...scope], { cwd })).toContain("stays as it is locked");
    expect(await at.ok(["outdated"], { cwd })).toContain("it starts @acme/say@1.0.0: ");

    for (const path of ["/@acme/say", "/words"]) registry.misbehave(path, undefined);
    expect(await at.ok(["outdated"], { cwd })).toContain("it starts @acme/say@1.0.0, 1.1.0 is out");
    const refused = await at.fails(3, ["update", "tool@acme", ...scope], { cwd });
    expect(refused).toContain("locked to @acme/say@1.1.0 and 1 more package");
    const accept = /--accept (sha256-[0-9a-f]{64})/u.exec(refused)?.[1] ?? "none";
    const updated = await at.ok(["update", "tool@acme", ...scope, "--accept", accept], { cwd });
    expect(updated).toContain("starts @acme/say@1.0.0 -> @acme/say@1.1.0");
    const running = (): unknown => at.root("project")?.plugins[0]?.launchers;
    expect(running()).toMatchObject({ "@acme/say@^1.0.0": { packages: ["@acme/say@1.1.0"] } });
    await at.ok(["rollback", ...scope], { cwd });
    expect(running()).toMatchObject({ "@acme/say@^1.0.0": { packages: ["@acme/say@1.0.0"] } });
  });

  it("is installed unlocked when the registry is gone, says so, and is locked by sync; what is locked and missing is not started", async () => {
    await using registry = await registryServer();
    using at = placeHere();
    publish(registry, "1.0.0", at.path("ran"));
    at.write("home/.npmrc", `registry=${registry.url}\n`);
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { tool: { files: files() } } })]);
    registry.misbehave("/@acme/say", { status: 404 });

    const added = await at.accept(["add", "tool@acme"]);
    expect(added).toContain("MCP server `say` is unlocked, each start may run other code");
    expect(added).toContain("has no package `@acme/say`");
    expect(at.root("user")?.plugins[0]?.launchers).toMatchObject({ "@acme/say@^1.0.0": { locked: false } });
    const check = await at.json(["list", "--check"]);
    expect(check.document).toMatchObject({
      plugins: [
        {
          loads: true,
          diagnostics: expect.arrayContaining([expect.objectContaining({ code: "I_LAUNCHER_UNLOCKED" })]) as unknown,
        },
      ],
    });

    registry.misbehave("/@acme/say", undefined);
    registry.misbehave(registry.tarballPath("words", "1.0.0"), { body: "other bytes" });
    await at.accept(["sync"]);
    expect(await at.ok(["list", "--check"])).toContain("is not started, what it is locked to is not installed");
    expect(await said(at)).toBeUndefined();
    registry.misbehave(registry.tarballPath("words", "1.0.0"), undefined);
    at.write("home/.cursor/settings.json", "{}");
    await at.ok(["sync", "--to", "cursor"], { env: { PLUGSMITH_AGENTS: "on" } });
    const given = readFileSync(at.path("home/.cursor/plugins/local/tool/mcp.json"), "utf8");
    const { mcpServers } = JSON.parse(given) as { mcpServers: Record<string, { command: string; args: string[] }> };
    expect(mcpServers["say"]).toMatchObject({
      command: "node",
      args: [expect.stringMatching(/\/store\/.*cli\.js$/u), "--serve"],
    });
    expect(mcpServers["repo"]).toMatchObject({ command: "npx" });
    expect(await said(at)).toBe("1.0.0 words 1.0.0");
  });

  it("starts the image that was locked, with the registry gone and another one under its tag", async () => {
    using at = placeHere();
    const image = await (async () => {
      await using registry = await imageRegistry();
      const digest = registry.push("acme/say:1", "first");
      const command = `docker run --rm -v "$CLAUDE_PROJECT_DIR:/w" ${registry.host}/acme/say:1 --to "a b"`;
      const hooks = { SessionStart: [{ hooks: [{ type: "command", command }] }] };
      const files = { "hooks/hooks.json": JSON.stringify({ hooks }) };
      at.write("home/.docker/config.json", JSON.stringify({ auths: { [registry.host]: {} } }));
      await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { tool: { files } } })]);
      await at.accept(["add", "tool@acme"]);
      registry.push("acme/say:1", "second");
      return `${registry.host}/acme/say@${digest}`;
    })();
    at.write("bin/docker", `#!/bin/sh\nprintf '%s\\n' "$@" > "$CLAUDE_PROJECT_DIR/said"\n`);
    chmodSync(at.path("bin/docker"), 0o755);
    const words = await said(at);
    expect(words?.trimEnd().split("\n")).toEqual([
      "run",
      "--rm",
      "-v",
      `${at.path("project")}:/w`,
      image,
      "--to",
      "a b",
    ]);
  });
});
