import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { GitServer } from "../../test/support/git-server.ts";
import { RegistryServer } from "../../test/support/registry-server.ts";
import { exampleSkill, makePrograms, removeWork, runGuide, workFolder, write } from "./guide.ts";

const work = workFolder("fleet");

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

/** What the guide takes for granted: a folder with two plugins, an empty repository on the git server, a package, a policy. */
function prepare(served: string, registry: RegistryServer): void {
  const plugins = join(work, "author/acme-plugins");
  const entries = [
    { name: "reviews", source: "./reviews" },
    { name: "notes", source: { source: "npm", package: "@acme/notes", version: "^1.0.0" } },
  ];
  write(
    join(plugins, ".claude-plugin/marketplace.json"),
    `${JSON.stringify({ name: "acme", owner: { name: "Acme" }, plugins: entries }, undefined, 2)}\n`,
  );
  write(join(plugins, "reviews/.claude-plugin/plugin.json"), '{ "name": "reviews", "version": "1.0.0" }\n');
  write(join(plugins, "reviews/skills/reviews/SKILL.md"), exampleSkill("reviews"));
  for (const name of ["acme-plugins.git", "app.git"])
    spawnSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", join(served, name)]);
  registry.publish(
    { name: "@acme/notes", version: "1.0.0" },
    {
      ".claude-plugin/plugin.json": '{ "name": "notes", "version": "1.0.0" }',
      "skills/notes/SKILL.md": exampleSkill("notes"),
    },
  );
  for (const machine of ["author", "mirror", "laptop", "ci", "image", "container", "closed", "managed"])
    mkdirSync(join(work, machine), { recursive: true });
  mkdirSync(join(work, "managed/etc/plugsmith"), { recursive: true });
  cpSync("/etc/passwd", join(work, "managed/etc/passwd"));
  makePrograms(work, { plugin: "cli/plugin.ts", mirror: "docs/examples/serve-mirror.ts" });
}

const served = join(work, "git-server");
const git = await GitServer.start(served);
const registry = await new RegistryServer().listen();
try {
  prepare(served, registry);
  const port = String(await freePort());
  const withoutSlash = (url: string): string => url.replace(/\/$/u, "");
  await runGuide({
    guide: "docs/guides/fleet.md",
    work,
    addresses: {
      GIT: withoutSlash(git.url("")),
      NPM: withoutSlash(registry.url),
      MIRROR: `http://127.0.0.1:${port}`,
      PORT: port,
    },
    managed: { managed: { etc: join(work, "managed/etc"), isPerson: false } },
    directives: {
      "stop upstream": async () => {
        await git.stop();
        await registry[Symbol.asyncDispose]();
      },
    },
  });
} catch (error) {
  process.stdout.write(`\nfleet: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  const pid = Number(spawnSync("cat", [join(work, "mirror/mirror.pid")], { encoding: "utf8" }).stdout);
  if (pid > 0) process.kill(pid);
  await git.stop().catch(() => undefined);
  await registry[Symbol.asyncDispose]().catch(() => undefined);
  removeWork(work);
}
