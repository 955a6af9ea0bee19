import { appendFileSync, chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canary } from "../support/canary.ts";
import { plugsmith } from "../support/command.ts";
import { type Place, place } from "../support/machine.ts";
import { type RegistryServer, registryServer } from "../support/registry-server.ts";

const GREETS = `import { greet } from "greet";
import { writeFileSync } from "node:fs";
writeFileSync(process.env.CLAUDE_PROJECT_DIR + "/said", greet());
`;

/** Files of a plugin whose hook needs the package \`greet\`, which needs another one. */
function greeter(integrity: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const version = "1.0.0";
  const address = (name: string): string => `https://registry.npmjs.org/${name}/-/${name}-${version}.tgz`;
  const entry = (name: string) => ({ version, resolved: address(name), integrity: integrity[name] });
  const other = { ...entry("greet"), resolved: "https://registry.npmjs.org/other/-/other-1.0.0.tgz" };
  const packages = {
    "": { dependencies: { greet: version }, devDependencies: { builder: "*" } },
    "node_modules/greet": {
      ...entry("greet"),
      hasInstallScript: true,
      bin: { greet: "cli.js" },
      dependencies: { words: version },
    },
    "node_modules/greet/node_modules/words": entry("words"),
    "node_modules/builder": { ...entry("greet"), dev: true },
    "node_modules/other": { ...other, optional: true, os: ["plan9"] },
  };
  return {
    "package.json": JSON.stringify(packages[""]),
    "package-lock.json": JSON.stringify({ lockfileVersion: 3, packages }),
    "say.mjs": GREETS,
    "hooks/hooks.json": JSON.stringify({
      hooks: {
        SessionStart: [{ hooks: [{ type: "command", command: "node", args: ["${CLAUDE_PLUGIN_ROOT}/say.mjs"] }] }],
      },
    }),
  };
}

/** Publishes both; the scripts of `greet` would write the file `ran`. */
function publish(registry: RegistryServer, text: string, ran: string): Readonly<Record<string, string>> {
  const version = "1.0.0";
  const script = `echo ran > ${JSON.stringify(ran)}`;
  const scripts = { preinstall: script, install: script, postinstall: script, prepare: script };
  const greet = registry.publish(
    { name: "greet", version, type: "module", main: "index.js", bin: { greet: "cli.js" }, scripts },
    { "index.js": `import { word } from "words"; export const greet = () => word;`, "cli.js": "#!/usr/bin/env node\n" },
  );
  const words = registry.publish({ name: "words", version }, { "index.js": `exports.word = ${JSON.stringify(text)};` });
  return { greet, words };
}

/** What the hook of a session wrote. */
async function said(at: Place): Promise<string | undefined> {
  at.write("project/script.mjs", `export default () => "done";`);
  const cwd = at.path("project");
  const words = ["-p", "hello", "--model", "scripted:script.mjs", "--no-session-persistence"];
  expect(await plugsmith(words, { home: at.path("home"), cwd })).toMatchObject({ exit: 0, stdout: "done\n" });
  const file = join(cwd, "said");
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Changes a file of a package of the first plugin that `info --json` tells of. */
function damage(document: Readonly<Record<string, unknown>>): void {
  const [first] = document["installed"] as readonly { readonly directory: string }[];
  const file = join(first?.directory ?? "", "node_modules/greet/index.js");
  chmodSync(file, 0o644);
  appendFileSync(file, "//");
}

function packagesOf(at: Place): unknown {
  return at.root("user")?.plugins[0]?.packages;
}

describe("a plugin that locks npm packages", () => {
  it("gets exactly those, from the person's registry, is mended and runs offline, and asks when a digest changes", async () => {
    await using registry = await registryServer();
    using at = place();
    const integrity = publish(registry, "good day", at.path("ran"));
    at.write("home/.npmrc", `registry=${registry.url}\n//${registry.host}/:_authToken=${canary("npm")}\n`);
    registry.demandToken(canary("npm"));
    const market = at.market({ name: "acme", plugins: { tool: { files: greeter(integrity) } } });
    await at.ok(["marketplace", "add", market]);

    const dry = await at.json(["add", "tool@acme", "--dry-run"]);
    expect(dry.document).toMatchObject({
      plan: { packages: [{ id: "tool@acme", count: 2, hosts: [registry.host], scripts: ["greet"] }] },
    });
    expect(registry.requests).toEqual([]);

    const added = await at.accept(["add", "tool@acme"]);
    expect(added).toContain(`tool@acme: 2 packages from ${registry.host}`);
    expect(added).toContain("not run: the install script of greet");
    expect(registry.requests.map(({ path }) => path).sort()).toEqual([
      "/greet/-/greet-1.0.0.tgz",
      "/words/-/words-1.0.0.tgz",
    ]);
    expect(existsSync(at.path("ran"))).toBe(false);

    const asked = registry.requests.length;
    const info = await at.json(["info", "tool"]);
    expect(info.document).toMatchObject({ installed: [{ plugin: { packages: { count: 2 } } }] });
    damage(info.document);
    await at.fails(1, ["verify"]);
    expect(await at.ok(["sync", "--offline"])).toContain("repaired");
    expect(await said(at)).toBe("good day");
    expect(registry.requests).toHaveLength(asked);

    at.market({ name: "acme", plugins: { tool: { files: greeter(publish(registry, "other", at.path("ran"))) } } });
    expect(await at.fails(3, ["update", "tool"])).toContain("package-lock.json");
  });

  it("is installed without them when they cannot be had, says so everywhere, and gets them by sync", async () => {
    await using registry = await registryServer();
    using at = place();
    const integrity = publish(registry, "at last", at.path("ran"));
    const path = registry.tarballPath("words", "1.0.0");
    at.write("home/.npmrc", `registry=${registry.url}\n`);
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { tool: { files: greeter(integrity) } } })]);
    registry.misbehave(path, { body: "other bytes" });

    const problem = "its npm packages are not installed";
    const first = await at.run(["add", "tool@acme"]);
    const accept = /--accept (sha256-[0-9a-f]{64})/u.exec(first.stderr)?.[1] ?? "none";
    const added = await at.json(["add", "tool@acme", "--accept", accept]);
    expect(added.exit).toBe(0);
    expect(added.document).toMatchObject({
      outcome: "done",
      plan: { diagnostics: [{ code: "W_PACKAGES", id: "tool@acme", severity: "warning" }] },
    });
    expect(packagesOf(at)).toMatchObject({
      problem: expect.stringContaining("is not the package `words@1.0.0`") as string,
    });
    expect(await at.ok(["list", "--check"])).toContain(problem);

    const again = await at.run(["sync"]);
    expect(again.stdout).toContain("nothing to do");
    expect(again.stderr).toContain(problem);
    registry.misbehave(path, undefined);
    await at.ok(["sync"]);
    expect(packagesOf(at)).toMatchObject({ count: 2 });
  });
});

describe("a plugin that is a package", () => {
  const source = { source: "npm", package: "@acme/tool", version: "^1.0.0" };
  const skill = (text: string): Readonly<Record<string, string>> => ({
    "skills/note/SKILL.md": `---\nname: note\ndescription: ${text}\n---\n`,
  });

  it("is solved from the registry's versions, locked by digest, updated, frozen, and refused when it was published again", async () => {
    await using registry = await registryServer();
    using at = place();
    at.write("home/.npmrc", `@acme:registry=${registry.url}\n`);
    at.write("mate/.npmrc", `@acme:registry=${registry.url}\n`);
    at.write("project/.npmrc", "registry=https://evil.example/\n");
    const name = "@acme/tool";
    const scripts = { postinstall: `echo ran > ${JSON.stringify(at.path("ran"))}` };
    const integrity = registry.publish({ name, version: "1.0.0", scripts }, skill("one"));
    registry.publish({ name, version: "2.0.0" }, skill("two"));
    const market = at.market({ name: "acme", plugins: { tool: { entry: { source } } } });
    await at.ok(["marketplace", "add", market]);

    const cwd = "project";
    const added = await at.run(["add", "tool@acme", "--scope", "project"], { cwd });
    expect(added).toMatchObject({ exit: 0, stderr: expect.stringContaining(at.path("project/.npmrc")) as string });
    expect(existsSync(at.path("ran"))).toBe(false);
    const lock = (): unknown => JSON.parse(readFileSync(at.path("project/plugins.lock"), "utf8"));
    expect(lock()).toMatchObject({
      plugins: {
        "tool@acme": {
          version: "1.0.0",
          source: { kind: "npm", package: name, version: "1.0.0", registry: registry.url, integrity },
        },
      },
    });
    const info = await at.json(["info", "tool@acme"], { cwd });
    expect(info.document).toMatchObject({ installed: [{ plugin: { version: "1.0.0", source: { integrity } } }] });
    await at.ok(["verify"], { cwd });

    registry.publish({ name, version: "1.1.0" }, skill("one more"));
    expect(await at.ok(["outdated"], { cwd })).toContain("1.1.0");
    await at.ok(["update", "tool@acme", "--scope", "project"], { cwd });
    expect(at.holds("project")).toEqual(["tool@acme 1.1.0"]);

    const mate = { cwd, home: "mate" };
    await at.ok(["marketplace", "add", market], mate);
    await at.ok(["sync", "--trust-workspace", "--frozen"], mate);
    expect(at.holds("project", "mate")).toEqual(["tool@acme 1.1.0"]);

    const seeded = { cwd, home: "seeded", env: { PLUGSMITH_SEED_STORE: at.path("home") } };
    await at.ok(["marketplace", "add", market], seeded);
    expect(await at.fails(3, ["sync", "--trust-workspace", "--frozen", "--offline"], seeded)).toContain(
      "in your own `.npmrc`",
    );
    at.write("seeded/.npmrc", `@acme:registry=${registry.url}\n`);
    const before = registry.requests.length;
    await at.ok(["sync", "--trust-workspace", "--frozen", "--offline"], seeded);
    expect(at.holds("project", "seeded")).toEqual(["tool@acme 1.1.0"]);
    expect(registry.requests).toHaveLength(before);

    registry.publish({ name, version: "1.1.0" }, skill("other bytes"));
    expect(await at.ok(["outdated"], { cwd })).toContain("published again");
    expect(await at.fails(1, ["update", "--scope", "project"], { cwd })).toContain("published again with other bytes");
    expect(at.holds("project")).toEqual(["tool@acme 1.1.0"]);
  });
});
