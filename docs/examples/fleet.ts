import { spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GitServer } from "../../test/support/git-server.ts";
import { RegistryServer } from "../../test/support/registry-server.ts";

/** One command of the guide, the machine that it runs on, and what the guide says that it prints. */
interface Step {
  readonly line: number;
  readonly machine: string;
  readonly command: string;
  readonly expected: string[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const guide = join(root, "docs/guides/fleet.md");
const work = realpathSync(mkdtempSync(join(tmpdir(), "plugsmith-fleet-")));

/** The commands of the guide's `console` blocks in order; a line `<!-- stop upstream -->` is a step too. */
function stepsOf(text: string): readonly Step[] {
  const steps: Step[] = [];
  let machine: string | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const opened = /^```console (\w+)$/u.exec(line)?.[1];
    if (opened !== undefined) machine = opened;
    else if (line === "```") machine = undefined;
    else if (line === "<!-- stop upstream -->")
      steps.push({ line: index + 1, machine: "", command: "stop upstream", expected: [] });
    else if (machine !== undefined && line.startsWith("$ "))
      steps.push({ line: index + 1, machine, command: line.slice(2), expected: [] });
    else if (machine !== undefined && line !== "") steps.at(-1)?.expected.push(line);
  }
  return steps;
}

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
  const skill = (name: string): string =>
    `---\nname: ${name}\ndescription: How Acme does ${name}\n---\n\nRead first.\n`;
  const write = (file: string, content: string): void => {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, content);
  };
  const entries = [
    { name: "reviews", source: "./reviews" },
    { name: "notes", source: { source: "npm", package: "@acme/notes", version: "^1.0.0" } },
  ];
  write(
    join(plugins, ".claude-plugin/marketplace.json"),
    `${JSON.stringify({ name: "acme", owner: { name: "Acme" }, plugins: entries }, undefined, 2)}\n`,
  );
  write(join(plugins, "reviews/.claude-plugin/plugin.json"), '{ "name": "reviews", "version": "1.0.0" }\n');
  write(join(plugins, "reviews/skills/reviews/SKILL.md"), skill("reviews"));
  for (const name of ["acme-plugins.git", "app.git"])
    spawnSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", join(served, name)]);
  registry.publish(
    { name: "@acme/notes", version: "1.0.0" },
    {
      ".claude-plugin/plugin.json": '{ "name": "notes", "version": "1.0.0" }',
      "skills/notes/SKILL.md": skill("notes"),
    },
  );
  for (const machine of ["author", "mirror", "laptop", "ci", "image", "container", "closed", "managed"])
    mkdirSync(join(work, machine), { recursive: true });
  mkdirSync(join(work, "managed/etc/plugsmith"), { recursive: true });
  cpSync("/etc/passwd", join(work, "managed/etc/passwd"));
  const bin = join(work, "bin");
  const program = `#!/bin/sh\nexec ${process.execPath} --conditions=source ${join(root, "cli/plugin.ts")} "$@"\n`;
  write(join(bin, "plugin"), program);
  write(
    join(bin, "mirror"),
    `#!/bin/sh\nexec ${process.execPath} ${join(root, "docs/examples/serve-mirror.ts")} "$@"\n`,
  );
  for (const name of ["plugin", "mirror"]) chmodSync(join(bin, name), 0o755);
}

/** Runs a command on its machine: a home directory of its own and, for `managed`, an `/etc` of its own. */
async function run(
  { machine, command }: Step,
  addresses: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const home = join(work, machine);
  const output = join(work, "output");
  const env = {
    ...addresses,
    PATH: `${join(work, "bin")}:${process.env["PATH"] ?? ""}`,
    HOME: home,
    SHARED: join(work, "shared"),
    PLUGSMITH_AGENTS: "off",
    GIT_CONFIG_NOSYSTEM: "1",
    ...Object.fromEntries(
      ["AUTHOR", "COMMITTER"].flatMap((who) => [
        [`GIT_${who}_NAME`, "Acme"],
        [`GIT_${who}_EMAIL`, "acme@example.invalid"],
      ]),
    ),
  };
  const script = `exec >"${output}" 2>&1; ${command}`;
  const [program, ...words] =
    machine === "managed"
      ? [
          "unshare",
          "--mount",
          "sh",
          "-c",
          `mount --make-rprivate / && mount --bind ${home}/etc /etc && eval "$0"`,
          script,
        ]
      : ["sh", "-c", script];
  const child = spawn(program, words, { cwd: home, env, stdio: "ignore" });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", reject);
  child.on("exit", resolve);
  const exit = await promise;
  let text = readFileSync(output, "utf8");
  for (const [name, address] of Object.entries(addresses)) text = text.replaceAll(address, `$${name}`);
  const lines = text
    .replaceAll(work, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return exit === 0 ? lines : [...lines, `[exit ${String(exit)}]`];
}

/** Whether a printed line is as the guide says, where `…` stands for anything. */
function isAs(printed: string, expected: string): boolean {
  const parts = expected
    .trimEnd()
    .split("…")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/gu, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "u").test(printed.trimEnd());
}

const served = join(work, "git-server");
const git = await GitServer.start(served);
const registry = await new RegistryServer().listen();
try {
  prepare(served, registry);
  const port = String(await freePort());
  const withoutSlash = (url: string): string => url.replace(/\/$/u, "");
  const addresses = {
    GIT: withoutSlash(git.url("")),
    NPM: withoutSlash(registry.url),
    MIRROR: `http://127.0.0.1:${port}`,
    PORT: port,
  };
  const steps = stepsOf(readFileSync(guide, "utf8"));
  const canMount = spawnSync("unshare", ["--mount", "true"]).status === 0;
  let ran = 0;
  for (const step of steps) {
    if (step.command === "stop upstream") {
      await git.stop();
      await registry[Symbol.asyncDispose]();
      continue;
    }
    if (step.machine === "managed" && !canMount) {
      process.stdout.write(`not run, needs root and \`unshare\`: ${step.command}\n`);
      continue;
    }
    process.stdout.write(`\n${step.machine}$ ${step.command}\n`);
    const printed = await run(step, addresses);
    process.stdout.write(printed.map((line) => `${line}\n`).join(""));
    ran += 1;
    const missing = step.expected.find((line) => !printed.some((each) => isAs(each, line)));
    const failed =
      printed.at(-1)?.startsWith("[exit ") === true && !step.expected.some((line) => line.startsWith("[exit "));
    if (missing !== undefined) throw new Error(`${guide}:${String(step.line)}: not printed: \`${missing}\``);
    if (failed) throw new Error(`${guide}:${String(step.line)}: the command failed`);
  }
  if (ran === 0) throw new Error(`${guide} has no command`);
  process.stdout.write(`\n${String(ran)} commands of the guide ran and printed what it says\n`);
} catch (error) {
  process.stdout.write(`\nfleet: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  const pid = Number(spawnSync("cat", [join(work, "mirror/mirror.pid")], { encoding: "utf8" }).stdout);
  if (pid > 0) process.kill(pid);
  await git.stop().catch(() => undefined);
  await registry[Symbol.asyncDispose]().catch(() => undefined);
  spawnSync("chmod", ["-R", "u+w", work]);
  rmSync(work, { recursive: true, force: true });
}
