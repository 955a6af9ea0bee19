import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const work = realpathSync(mkdtempSync(join(tmpdir(), "plugsmith-demo-")));
const market = join(work, "market");
const home = join(work, "home");
const project = join(work, "project");

/** The person's environment without their home, git configuration and Plugsmith settings. */
const environment = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:GIT_|PLUGSMITH_|CI$|NO_COLOR$|FORCE_COLOR$)/u.test(name)),
  ),
  HOME: work,
  PLUGSMITH_HOME: home,
  // The agents of whoever runs the demo are none of its business.
  PLUGSMITH_AGENTS: "off",
  // Where the language server of the demo lies; a person would have installed it.
  PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"] ?? ""}`,
};

function say(text: string): void {
  process.stdout.write(`\n# ${text}\n`);
}

function fail(reason: string): never {
  throw new Error(reason);
}

/** Runs the real program, prints its real output, and stops the demo when it does not do what the demo says. */
function plugin(words: readonly string[], exit: number, expected: readonly string[] = []): string {
  process.stdout.write(`\n$ plugin ${words.join(" ")}\n`);
  const file = join(work, "output");
  const descriptor = openSync(file, "w");
  const argv = ["--conditions=source", join(root, "cli/plugin.ts"), ...words];
  // Both streams go to one file, so that what is printed keeps its order.
  const { status } = spawnSync(process.execPath, argv, {
    cwd: work,
    env: environment,
    stdio: ["ignore", descriptor, descriptor],
  });
  closeSync(descriptor);
  const output = readFileSync(file, "utf8");
  process.stdout.write(output);
  if (status !== exit) fail(`exit code ${String(status)} instead of ${String(exit)}`);
  for (const text of expected) if (!output.includes(text)) fail(`the output lacks \`${text}\``);
  if (exit !== 0) process.stdout.write(`[exit ${String(exit)}]\n`);
  return output;
}

function git(...words: readonly string[]): void {
  const settings = ["-c", "user.name=demo", "-c", "user.email=demo@example.invalid", "-c", "commit.gpgsign=false"];
  const { status, stderr } = spawnSync("git", [...settings, ...words], {
    cwd: market,
    env: environment,
    encoding: "utf8",
  });
  if (status !== 0) fail(`git ${words.join(" ")}: ${stderr}`);
}

/** Commits the market with one plugin's version set, and tags the release. */
function release(name: string, version: string, change: (text: string) => string = (text) => text): void {
  const file = join(market, name, ".claude-plugin/plugin.json");
  const manifest = readFileSync(file, "utf8").replace(/"version": "[\d.]+",/u, `"version": "${version}",`);
  writeFileSync(file, change(manifest));
  git("add", "--all");
  git("commit", "--quiet", "--allow-empty", "--message", `${name} ${version}`);
  git("tag", `${name}--v${version}`);
}

/** The digest that the program printed for `--accept`. */
function acceptDigest(output: string): string {
  const digest = /--accept (sha256-[0-9a-f]{64})/u.exec(output)?.[1];
  return digest ?? fail("no `--accept` line was printed");
}

/** Runs the host in the project, prints what it prints, and stops the demo when it does not do what the demo says. */
function plugsmith(words: readonly string[], exit: number, expected: readonly string[]): void {
  const shown = words.map((word) => (/^[\w./:=,@-]+$/u.test(word) ? word : `'${word}'`)).join(" ");
  process.stdout.write(`\n$ plugsmith ${shown}\n`);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=source", join(root, "cli/plugsmith.ts"), ...words],
    { cwd: project, env: environment, encoding: "utf8" },
  );
  process.stdout.write(`${stderr}${stdout}`);
  if (status !== exit) fail(`exit code ${String(status)} instead of ${String(exit)}`);
  for (const text of expected) if (!`${stdout}${stderr}`.includes(text)) fail(`the output lacks \`${text}\``);
}

/** Where the files of an installed plugin lie. */
function installedDirectory(id: string): string {
  const argv = ["--conditions=source", join(root, "cli/plugin.ts"), "info", id, "--json"];
  const { stdout } = spawnSync(process.execPath, argv, { cwd: work, env: environment, encoding: "utf8" });
  // The shape of `info --json`.
  const info = JSON.parse(stdout) as { readonly installed: readonly { readonly directory: string }[] };
  return info.installed[0]?.directory ?? fail(`\`${id}\` has no directory`);
}

try {
  mkdirSync(home);
  cpSync(join(root, "docs/examples/marketplace"), market, { recursive: true });
  git("init", "--quiet", "--initial-branch=main");
  for (const version of ["1.0.0", "1.1.0", "1.2.0", "2.0.0"]) release("git-facts", version);
  for (const version of ["1.0.0", "1.1.0"]) release("changelog", version);
  release("release-notes", "1.0.0");

  say(
    "A throw-away home, and docs/examples/marketplace as a git repository with release tags; its work tree holds git-facts 2.0.0.",
  );
  plugin(["marketplace", "add", "./market"], 0, ["example"]);

  say("The plan first. One plugin can execute something, nobody is at the keyboard: refused, nothing is changed.");
  const refused = plugin(["add", "release-notes@example"], 3, ["git-facts@example", "1.2.0", "--accept sha256-"]);
  plugin(["list"], 0, ["no plugins"]);

  say("A person has read the list and says yes to exactly that content.");
  plugin(["add", "release-notes@example", "--accept", acceptDigest(refused)], 0, ["installed 3 plugins"]);
  plugin(["list"], 0, ["release-notes@example", "changelog@example", "git-facts@example", "1.2.0"]);
  plugin(["info", "git-facts@example"], 0, ["git-facts--v1.2.0", "git-facts.mjs"]);
  plugin(["why", "git-facts@example"], 0, ["~1.2.0"]);

  say("A release that cannot work: changelog 1.2.0 wants git-facts 2, release-notes wants 1.2.");
  release("changelog", "1.2.0", (text) => text.replace(">=1.1.0 <2.0.0", "^2.0.0"));
  plugin(["marketplace", "update", "example"], 0);
  plugin(["add", "changelog@example@^1.2"], 4, ["git-facts"]);

  say("Break it: somebody edits an installed file. It is noticed, and mended from where it came from.");
  const file = join(installedDirectory("git-facts@example"), "server/git-facts.mjs");
  chmodSync(file, 0o644);
  appendFileSync(file, "// not what was agreed to\n");
  process.stdout.write(`\n$ echo '// not what was agreed to' >> ${file}\n`);
  plugin(["verify"], 1, ["server/git-facts.mjs"]);
  plugin(["sync"], 0, ["repaired git-facts@example"]);
  plugin(["verify"], 0, ["ok"]);

  say("Break it again: release 1.2.1 has a manifest that nothing can load. It is refused, and nothing changes.");
  release("git-facts", "1.2.1", (text) => text.replace('"mcpServers": {', '"commands": 7,\n  "mcpServers": {'));
  plugin(["update", "git-facts@example"], 1, ["E_MANIFEST"]);

  say("Release 1.2.2 loads, and brings other bytes that execute: a person is asked again.");
  const server = join(market, "git-facts/server/git-facts.mjs");
  writeFileSync(server, readFileSync(server, "utf8").replace("--max-count=${LIMIT}", "--max-count=0"));
  release("git-facts", "1.2.2", (text) => text.replace('"commands": 7,\n  ', ""));
  const changed = plugin(["update", "git-facts@example"], 3, ["1.2.0 -> 1.2.2"]);
  plugin(["update", "git-facts@example", "--accept", acceptDigest(changed)], 0, ["1.2.2"]);

  say("It loads and does not work: its lists are empty. Back to what was there before, which was agreed to already.");
  plugin(["rollback"], 0, ["1.2.2 -> 1.2.0"]);
  plugin(["list", "--check"], 0, ["1.2.0", "3 enabled plugins would load"]);
  plugin(["generations"], 0, ["rollback"]);
  say("A session with what is installed. The model is a script that reads each request; everything else is real.");
  const more = plugin(["add", "write-guard@example", "word-count@example", "json-lsp@example"], 3, ["code entry"]);
  plugin(["add", "write-guard@example", "word-count@example", "json-lsp@example", "--accept", acceptDigest(more)], 0);
  git("clone", "--quiet", market, project);
  mkdirSync(join(project, "docs"), { recursive: true });
  writeFileSync(join(project, "docs/page.md"), "# Install\n\nOne long page. It says too much.\n");
  writeFileSync(join(project, "bundle.js"), "// @generated by the build\n");
  cpSync(join(root, "docs/examples/story.mjs"), join(project, "story.mjs"));
  plugsmith(["boot"], 0, ["word-count@example", "installed"]);
  const rules = "WordCount,Skill,mcp__plugin_git-facts_git-facts__newest_tags";
  const session = ["--model", "scripted:story.mjs", "--permission-mode", "acceptEdits", "--allowed-tools", rules];
  plugsmith(["-p", "/release-notes:draft v1.0.0", "--trust-workspace", ...session], 0, [
    "the command says: Draft release notes",
    "the page opened a skill: Skill `word-count:plain-words`",
    "the code tool counted: 8 words in 3 sentences",
    "the MCP tool named: git-facts--v1.2.2",
    "the hook answered: denied: ",
    "bundle.js is generated",
    "the language server found: ",
    "railing comma",
  ]);
  say("Every line above was printed by the program; the home and the repository are removed now.");
} catch (error) {
  process.stdout.write(`\ndemo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  spawnSync("chmod", ["-R", "u+w", work]);
  rmSync(work, { recursive: true, force: true });
}
