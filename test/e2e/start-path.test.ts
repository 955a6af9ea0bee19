import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryHome } from "../support/temporary-home.ts";

const PROGRAM = fileURLToPath(new URL("../../cli/plugin.ts", import.meta.url));

/** Writes the address of every module that a process loads, one per line. */
const RECORDER = `import { registerHooks } from "node:module";
import { appendFileSync } from "node:fs";
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOADED_MODULES, url + "\\n");
    return next(url, context);
  },
});`;

describe("the start path", () => {
  it("of --version and list loads nothing from a package", () => {
    using home = temporaryHome();
    const recorder = home.write("recorder.mjs", RECORDER);
    home.write(
      "market/.claude-plugin/marketplace.json",
      JSON.stringify({ name: "tiny", owner: { name: "t" }, plugins: [{ name: "hello", source: "./hello" }] }),
    );
    home.write("market/hello/.claude-plugin/plugin.json", JSON.stringify({ name: "hello", version: "1.0.0" }));
    home.write("market/hello/commands/hi.md", "---\ndescription: says hello\n---\n\nSay hello.\n");

    const loadedBy = (args: readonly string[], name: string): readonly string[] => {
      const log = home.write(name, "");
      const env = {
        PATH: process.env["PATH"],
        HOME: home.directory,
        PLUGSMITH_HOME: home.path("plugsmith"),
        LOADED_MODULES: log,
      };
      const argv = ["--conditions=source", "--import", recorder, PROGRAM, ...args];
      const result = spawnSync(process.execPath, argv, { cwd: home.directory, env, encoding: "utf8" });
      expect(`${result.stdout}${result.stderr}`).not.toContain("error:");
      expect(result.status).toBe(0);
      return readFileSync(log, "utf8").trimEnd().split("\n");
    };

    loadedBy(["marketplace", "add", home.path("market")], "market-add");
    loadedBy(["add", "hello@tiny", "--yes"], "add");
    for (const args of [["--version"], ["list"]]) {
      const loaded = loadedBy(args, args.join("-"));
      expect(loaded.length).toBeGreaterThan(0);
      expect(loaded.filter((url) => url.includes("/node_modules/"))).toEqual([]);
    }
  });
});
