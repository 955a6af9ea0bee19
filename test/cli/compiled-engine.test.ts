import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";

const LOADER = fileURLToPath(new URL("../../cli/compiled-engine.ts", import.meta.url));

let home: TemporaryHome;
beforeEach(() => (home = temporaryHome()));
afterEach(() => home[Symbol.dispose]());

/** Writes an engine that answers with a text. */
function engine(answer: string): string {
  const text = `module.exports = { one: () => ${JSON.stringify(answer)}, two: () => require("node:path").sep };\n`;
  return home.write("engine.cjs", `// ${createHash("sha256").update(text).digest("hex")}\n${text}`);
}

/** Runs one function of the engine in a process of its own; returns what it answers. */
function run(file: string, part: string, directory = home.path("plugsmith")): string {
  const program = `import { openEngine } from ${JSON.stringify(LOADER)};
    const engine = openEngine(${JSON.stringify(file)});
    engine.uses(${JSON.stringify(part)});
    process.stdout.write(engine.exports[${JSON.stringify(part)}]());`;
  const argv = ["--conditions=source", "--input-type=module", "-e", program];
  const env = { PATH: process.env["PATH"], HOME: home.directory, PLUGSMITH_HOME: directory };
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", env, cwd: home.directory });
  return `${stdout}${stderr}`;
}

function kept(): readonly string[] {
  const folder = home.path("plugsmith/cache/compile");
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

describe("the compiled engine", () => {
  it("is kept by the first run that uses a part of it and left alone by the next", () => {
    const file = engine("first");
    expect(run(file, "one")).toBe("first");
    const [path = "", ...more] = kept();
    expect(more).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { ino } = statSync(path);
    expect(run(file, "one")).toBe("first");
    expect(statSync(path).ino).toBe(ino);
    expect(run(file, "two")).toBe("/");
    expect(statSync(path).ino).not.toBe(ino);
    expect(readFileSync(path, "latin1").split("\n")[0]?.split(" ").slice(1)).toEqual(["one", "two"]);
  });

  it("is never that of another engine", () => {
    expect(run(engine("first"), "one")).toBe("first");
    expect(run(engine("other"), "one")).toBe("other");
    expect(kept()).toHaveLength(2);
  });

  it.each<[string, (path: string) => void]>([
    ["a byte of it changed", (path) => writeFileSync(path, readFileSync(path).fill(0x55, 150, 151))],
    ["it is cut short", (path) => truncateSync(path, statSync(path).size - 9)],
    ["it is empty", (path) => truncateSync(path, 0)],
  ])("is made anew when %s", (_what, damage) => {
    const file = engine("first");
    run(file, "one");
    const [path = ""] = kept();
    damage(path);
    const { ino } = statSync(path);
    expect(run(file, "one")).toBe("first");
    const mended = statSync(path);
    expect(mended.ino).not.toBe(ino);
    expect(run(file, "one")).toBe("first");
    expect(statSync(path).ino).toBe(mended.ino);
  });

  it("works where nothing can be kept", () => {
    home.write("file", "");
    expect(run(engine("first"), "one", home.path("file"))).toBe("first");
    expect(run(engine("first"), "one", "relative")).toBe("first");
    expect(kept()).toEqual([]);
  });
});
