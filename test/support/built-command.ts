import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { bundle } from "../../.ci/bundle.ts";
import { marketFiles } from "./plugin-files.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Directory of the bundle under test. */
    readonly bundle: string;
    /** Directory of the code that earlier commands of the bundle compiled, as it lies in a home that is in use. */
    readonly compiled: string;
  }
}

/** What opens most of the engine. */
const WARMING: readonly (readonly string[])[] = [
  ["marketplace", "add", "."],
  ["add", "tool@warm"],
  ["sync"],
  ["update"],
  ["outdated"],
  ["info", "tool@warm"],
  ["why", "tool@warm"],
  ["search", "tool"],
  ["list", "--check"],
  ["disable", "tool@warm"],
  ["enable", "tool@warm"],
  ["marketplace", "update"],
  ["generations"],
  ["verify"],
  ["rollback"],
  ["remove", "tool@warm", "--yes"],
  ["doctor"],
];

/** A session that opens most of the host: it reads, runs a command and calls a skill. */
const WARM_SCRIPT = `
export default ({ messages }) =>
  messages.length > 1
    ? "done"
    : { calls: [
        { name: "Read", input: { file_path: "README.md" } },
        { name: "Bash", input: { command: "true" } },
        { name: "Skill", input: { skill: "tool" } },
      ] };
`;
const WARM_SESSION: readonly string[] = [
  "-p",
  "hello",
  "--model",
  "scripted:script.mjs",
  "--allowed-tools",
  "Bash(true)",
];

/**
 * Bundles the commands once for all end-to-end tests, so that they run what people get, and as people run it: with the code that
 * their commands of yesterday compiled.
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const directory = mkdtempSync(join(tmpdir(), "plugsmith-bundle-"));
  await bundle(directory);
  // What the bundle leaves to packages lies above it where it is installed.
  symlinkSync(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(directory, "node_modules"));
  project.provide("bundle", directory);
  const home = mkdtempSync(join(tmpdir(), "plugsmith-warm-"));
  for (const [path, text] of Object.entries(marketFiles({ name: "warm", plugins: { tool: { version: "1.0.0" } } }))) {
    mkdirSync(join(home, "market", dirname(path)), { recursive: true });
    writeFileSync(join(home, "market", path), text);
  }
  writeFileSync(join(home, "market/script.mjs"), WARM_SCRIPT);
  const commands = [...WARMING.map((words) => ["plugin.js", ...words]), ["plugsmith.js", ...WARM_SESSION]];
  for (const [program = "", ...words] of commands) {
    // What a command answers is not the matter here: every test looks at that.
    spawnSync(process.execPath, [join(directory, program), ...words], {
      cwd: join(home, "market"),
      env: { PATH: process.env["PATH"] ?? "", HOME: home, PLUGSMITH_HOME: home, PLUGSMITH_AGENTS: "off" },
      stdio: "ignore",
    });
  }
  project.provide("compiled", join(home, "cache/compile"));
  return () => {
    for (const each of [directory, home]) rmSync(each, { recursive: true, force: true });
  };
}
