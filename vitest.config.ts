import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

/**
 * `plugsmith-source` makes `plugsmith/plugin-api` mean the sources, so that no test needs a build; plain `source` would as well,
 * and would make packages of others mean their TypeScript, which Node does not run.
 */
const resolve = { conditions: ["plugsmith-source", "module", "node", "development"] };
const ssr = { resolve };

/** Tells which test it was that left a secret behind. */
const setupFiles = ["test/support/canary-setup.ts"];

/** Looks for secrets in what all tests leave behind. */
const leftBehind = "test/support/left-behind.ts";

/**
 * Where programs of the tests that run from their sources keep what Node made of these: a start compiles nothing and takes the types
 * off nothing that an earlier one did, a quarter of its time. A checkout's cache, so nothing to remove.
 */
const env = { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/plugsmith-programs", import.meta.url)) };

/** On a machine that others use a test may come too late once; `.ci/run` names each that needed a second try. */
const retry = process.env["CI"] === "true" ? 1 : 0;

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: "unit",
          sequence: { groupOrder: 0 },
          include: ["test/**/*.test.ts"],
          globalSetup: leftBehind,
          setupFiles,
          env,
          exclude: ["test/e2e/**", "test/faults/**"],
          // Not threads: a fork copies the page tables of its parent, so that starting a git costs more the more one process holds.
          pool: "forks",
          isolate: false,
          // The gate has two cores, and many of these tests wait for processes.
          maxWorkers: 2,
          retry,
          testTimeout: 120_000,
          hookTimeout: 30_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "e2e",
          sequence: { groupOrder: 1 },
          include: ["test/e2e/**/*.test.ts"],
          setupFiles,
          globalSetup: ["test/support/built-command.ts", leftBehind],
          pool: "forks",
          isolate: true,
          maxWorkers: 2,
          retry,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "faults",
          sequence: { groupOrder: 2 },
          include: ["test/faults/**/*.test.ts"],
          setupFiles,
          globalSetup: ["test/support/built-command.ts", leftBehind],
          pool: "forks",
          isolate: true,
          maxWorkers: 1,
          retry,
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

export default config;
