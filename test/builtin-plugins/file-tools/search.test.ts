import { symlinkSync, utimesSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { search } from "../../../builtin-plugins/file-tools/search.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { fileToolsHost } from "./file-tools-host.ts";

const plant = (project: TemporaryHome): void => {
  for (const [name, content] of Object.entries({
    ".git/HEAD": "needle",
    ".gitignore": "dist/\n*.log\n!keep.log\n",
    "a.ts": "one\nneedle here\nthree\nfour\n",
    "sub/.gitignore": "private.ts\n",
    "sub/b.ts": "Needle\n",
    "sub/private.ts": "needle\n",
    "sub/.hidden.ts": "needle\n",
    "dist/c.ts": "needle\n",
    "debug.log": "needle\n",
    "keep.log": "needle\n",
    "binary.ts": "needle\0",
  })) {
    project.write(name, content);
  }
};

describe("Glob", () => {
  it("finds the newest files first, without those that .gitignore excludes", async () => {
    await using tools = await fileToolsHost();
    plant(tools.project);
    utimesSync(tools.path("a.ts"), 2_000_000_000, 2_000_000_000);
    utimesSync(tools.path("sub/b.ts"), 1_000_000_000, 1_000_000_000);
    const found = (await tools.text("Glob", { pattern: "**/*.ts" })).split("\n");
    expect([found[0], found.at(-1)]).toEqual([tools.path("a.ts"), tools.path("sub/b.ts")]);
    expect(found.toSorted()).toEqual(["a.ts", "binary.ts", "sub/.hidden.ts", "sub/b.ts"].map(tools.path));
  });

  it("shows excluded files when nothing else matches, and says so", async () => {
    await using tools = await fileToolsHost();
    plant(tools.project);
    expect(await tools.text("Glob", { pattern: "dist/*" })).toBe(
      `${tools.path("dist/c.ts")}\n(\`.gitignore\` excludes these files)`,
    );
  });

  it("matches a pattern without a slash in every folder", async () => {
    await using tools = await fileToolsHost();
    plant(tools.project);
    expect(await tools.text("Glob", { pattern: "b.*" })).toBe(tools.path("sub/b.ts"));
  });

  it.each(["/etc/*", "../*", "sub/../../x", "{a,..}/x"])(
    "refuses the pattern %s that leaves its folder",
    async (pattern) => {
      await using tools = await fileToolsHost();
      plant(tools.project);
      await expect(tools.text("Glob", { pattern })).rejects.toThrow("give the folder to search in `path`");
    },
  );

  it("does not follow links out of the folder", async () => {
    await using tools = await fileToolsHost();
    using outside = temporaryHome();
    outside.write("secret.txt", "needle");
    symlinkSync(outside.directory, tools.path("link"));
    symlinkSync(outside.path("secret.txt"), tools.path("file.txt"));
    expect(await tools.text("Glob", { pattern: "**/*.txt" })).toContain("no file matches");
    expect(await tools.text("Grep", { pattern: "needle" })).toBe("no match");
  });
});

describe("Grep", () => {
  const cases = [
    { name: "files by default", input: {}, lines: ["a.ts", "keep.log", "sub/.hidden.ts"] },
    { name: "case aside", input: { "-i": true, glob: "b.*" }, lines: ["sub/b.ts"] },
    {
      name: "lines with numbers",
      input: { output_mode: "content", type: "ts", path: "a.ts" },
      lines: ["a.ts:2:needle here"],
    },
    {
      name: "lines without numbers",
      input: { output_mode: "content", "-n": false, glob: "a.ts" },
      lines: ["a.ts:needle here"],
    },
    {
      name: "lines around a match",
      input: { output_mode: "content", "-C": 1, glob: "a.ts" },
      lines: ["a.ts-1-one", "a.ts:2:needle here", "a.ts-3-three"],
    },
    {
      name: "lines after a match",
      input: { output_mode: "content", "-A": 9, glob: "a.ts" },
      lines: ["a.ts:2:needle here", "a.ts-3-three", "a.ts-4-four"],
    },
    { name: "counts", input: { output_mode: "count", glob: "*.log" }, lines: ["keep.log:1"] },
    { name: "an excluded folder that is named", input: { path: "dist" }, lines: ["dist/c.ts"] },
    {
      name: "the first results",
      input: { output_mode: "count", head_limit: 1 },
      lines: ["a.ts:1", "(2 more; go on with `offset` 1)"],
    },
    { name: "later results", input: { output_mode: "count", offset: 2 }, lines: ["sub/.hidden.ts:1"] },
  ];
  it.each(cases)("shows $name", async ({ input, lines }) => {
    await using tools = await fileToolsHost();
    plant(tools.project);
    const path = "path" in input && typeof input.path === "string" ? { path: tools.path(input.path) } : {};
    const found = await tools.text("Grep", { pattern: "needle", ...input, ...path });
    const isList = !("output_mode" in input);
    expect(isList ? found.split("\n").toSorted() : found.split("\n")).toEqual(lines);
  });

  it("lets a match span lines when asked to", async () => {
    await using tools = await fileToolsHost();
    plant(tools.project);
    const input = { pattern: "one.*three", output_mode: "content", multiline: true };
    expect((await tools.text("Grep", input)).split("\n")).toEqual(["a.ts:1:one", "a.ts:2:needle here", "a.ts:3:three"]);
  });

  it("understands a leading (?i), and says what is no regular expression", async () => {
    await using tools = await fileToolsHost();
    plant(tools.project);
    expect(await tools.text("Grep", { pattern: "(?i)NEEDLE", glob: "a.ts" })).toBe("a.ts");
    await expect(tools.text("Grep", { pattern: "(" })).rejects.toThrow("put a backslash before");
  });

  it("tells which files it found, for path-gated skills", async () => {
    await using tools = await fileToolsHost();
    plant(tools.project);
    const invoked = await tools.call("Grep", { pattern: "needle", glob: "a.ts" });
    expect(invoked).toMatchObject({ kind: "done", output: { touched: [tools.path("a.ts")] } });
  });

  it("shows nothing of a file that a rule keeps from being read", async () => {
    await using tools = await fileToolsHost({ mayRead: (file) => !file.endsWith("/a.ts") });
    plant(tools.project);
    expect(await tools.text("Grep", { pattern: "needle", output_mode: "count" })).toBe("keep.log:1\nsub/.hidden.ts:1");
  });

  const endless = [
    { kind: "grep", pattern: "(a+)+$" },
    { kind: "glob", pattern: `${"+(a|aa)".repeat(20)}b` },
  ] as const;
  it.each(endless)("ends a $kind pattern that takes too long and keeps what it found", async ({ kind, pattern }) => {
    using project = temporaryHome();
    project.write(`${"a".repeat(120)}!`, `${"a".repeat(60)}!`);
    const { signal } = new AbortController();
    const more = {
      ignoreCase: false,
      multiline: false,
      glob: undefined,
      endings: undefined,
      lines: false,
      before: 0,
      after: 0,
    };
    const root = project.directory;
    const request = kind === "grep" ? { kind, root, pattern, ...more } : { kind, root, pattern, respectIgnored: true };
    const { notes } = await search(request, signal, 300);
    if (kind === "grep") expect(notes).toEqual([expect.stringContaining("the search was ended after 0.3 s")]);
    else expect(notes.length).toBeLessThanOrEqual(1);
  });

  it("ends with its signal", async () => {
    await using tools = await fileToolsHost();
    tools.project.write("a.txt", `${"a".repeat(60)}!`);
    const stop = new AbortController();
    const searching = tools.call("Grep", { pattern: "(a+)+$" }, stop.signal);
    setTimeout(() => stop.abort(new Error("stopped")), 100);
    await expect(searching).rejects.toThrow("stopped");
  });
});
