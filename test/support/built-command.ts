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
  for (const words of WARMING) {
    // What a command answers is not the matter here: every test looks at that.
    spawnSync(process.execPath, [join(directory, "plugin.js"), ...words], {
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
