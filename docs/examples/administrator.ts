import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { GitServer } from "../../test/support/git-server.ts";
import { exampleSkill, makePrograms, PERSON, removeWork, runGuide, workFolder, write } from "./guide.ts";

const work = workFolder("administrator");
const served = join(work, "git-server");
const git = await GitServer.start(served);

/** Puts a marketplace on the git server. */
function serve(repository: string, name: string, entries: readonly object[]): void {
  const folder = join(work, "sources", repository);
  write(
    join(folder, ".claude-plugin/marketplace.json"),
    `${JSON.stringify({ name, owner: { name: "Acme" }, plugins: entries }, undefined, 2)}\n`,
  );
  write(join(folder, "reviews/.claude-plugin/plugin.json"), '{ "name": "reviews", "version": "1.0.0" }\n');
  write(join(folder, "reviews/skills/reviews/SKILL.md"), exampleSkill("reviews"));
  const run = (...words: readonly string[]): void => {
    const { status, stderr } = spawnSync("git", [...words], { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`git ${words.join(" ")}: ${stderr}`);
  };
  run("init", "--quiet", "--initial-branch=main");
  run("add", ".");
  run("-c", "user.name=Acme", "-c", "user.email=acme@example.invalid", "commit", "--quiet", "-m", "first");
  run("clone", "--quiet", "--bare", folder, join(served, `${repository}.git`));
}

/** What the guide takes for granted: three repositories on a git server, and a machine of an administrator and a person. */
function prepare(): void {
  const reviews = { name: "reviews", source: "./reviews" };
  const elsewhere = { source: "git-subdir", url: git.url("evil.git"), path: "reviews" };
  serve("acme-plugins", "acme", [reviews]);
  serve("tools", "tools", [
    { name: "notes", source: "./reviews" },
    { name: "stray", source: elsewhere },
  ]);
  serve("evil", "evil", [reviews]);
  for (const machine of ["admin", "person", "elsewhere"]) mkdirSync(join(work, machine), { recursive: true });
  mkdirSync(join(work, "shared"));
  mkdirSync(join(work, "etc"));
  cpSync("/etc/passwd", join(work, "etc/passwd"));
  makePrograms(work, { plugin: "cli/plugin.ts", plugsmith: "cli/plugsmith.ts" });
  for (const folder of [work, join(work, "shared"), join(work, "etc")]) chmodSync(folder, 0o755);
  if (process.getuid?.() === 0) chownSync(join(work, "person"), PERSON, PERSON);
}

try {
  prepare();
  const etc = join(work, "etc");
  await runGuide({
    guide: "docs/guides/administrator.md",
    work,
    addresses: { GIT: git.url("").replace(/\/$/u, ""), PORT: String(git.port) },
    managed: { admin: { etc, isPerson: false }, person: { etc, isPerson: true } },
  });
} catch (error) {
  process.stdout.write(`\nadministrator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await git.stop();
  removeWork(work);
}
