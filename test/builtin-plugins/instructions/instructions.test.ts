import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  contextTexts,
  filesTouched,
  instructionsLoaded,
  systemPrompt,
  workspaceService,
  type Session,
} from "../../../plugin-api/index.ts";
import { MemorySession } from "../../support/memory-sessions.ts";
import { builtins, codePlugin, hostService, testHost } from "../../support/test-host.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

async function instructionsHost(files: Readonly<Record<string, string>>, start = "work") {
  const place = temporaryHome();
  for (const [name, content] of Object.entries(files)) place.write(name, content);
  const top = realpathSync(place.directory);
  mkdirSync(`${top}/${start}`, { recursive: true });
  mkdirSync(`${top}/home`, { recursive: true });
  const workspace = {
    directory: `${top}/${start}`,
    projectDirectory: `${top}/work`,
    homeDirectory: `${top}/home`,
    plugsmithHome: `${top}/home/.plugsmith`,
    trusted: true,
    environment: {},
  };
  const loaded: string[] = [];
  const watcher = codePlugin("watcher", { listens: [instructionsLoaded.key] }, (context) => {
    context.listen(instructionsLoaded, ({ file, kind, reason }) => {
      loaded.push(`${kind} ${reason} ${file.slice(top.length + 1)}`);
    });
  });
  const test = await testHost((home) => [watcher, ...builtins(["instructions"], home)], {
    services: [hostService(workspaceService, workspace)],
  });
  const session = new MemorySession({ directory: `${top}/${start}` });
  const emit = test.host.frontend;
  return {
    top,
    session,
    test,
    loaded,
    parts: async (of: Session = session) => {
      const { parts } = await emit.emit(systemPrompt, { session: of, parts: [] });
      return new Map(parts.map(({ order, text }) => [order, text.replaceAll(`${top}/`, "")]));
    },
    touch: (name: string, of: Session = session) =>
      emit.emit(filesTouched, { session: of, files: [`${top}/${name}`], change: "read" }),
    texts: async (of: Session = session) => {
      const { texts } = await emit.emit(contextTexts, { session: of, reason: "tool-results", texts: [] });
      return texts.map((text) => text.replaceAll(`${top}/`, ""));
    },
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      place[Symbol.dispose]();
    },
  };
}

describe("the system prompt", () => {
  it("has the base text, the rules for code and facts of the environment, in a fixed order", async () => {
    await using host = await instructionsHost({ "work/.git/HEAD": "" });
    const parts = await host.parts();
    expect([...parts.keys()]).toEqual([0, 100, 900]);
    expect(parts.get(0)).toMatch(/^You are Plugsmith/u);
    expect(parts.get(900)).toMatch(
      /Working directory: .*work\n- Project: .* \(a git repository\)\n- Platform: .*\n- Date: \d{4}-/u,
    );
  });

  it("of an agent below has no base text of ours", async () => {
    await using host = await instructionsHost({ "work/AGENTS.md": "rule" });
    const child = new MemorySession({ directory: host.session.directory, parent: host.session });
    expect([...(await host.parts(child)).keys()]).toEqual([500, 900]);
  });

  it("has the person's instructions, then the project's from its top down, then local ones", async () => {
    await using host = await instructionsHost(
      {
        "home/.plugsmith/AGENTS.md": "from me",
        "home/.claude/CLAUDE.md": "from me, too",
        "work/AGENTS.md": "top agents",
        "work/CLAUDE.md": "top claude",
        "work/.claude/CLAUDE.md": "hidden claude",
        "work/CLAUDE.local.md": "local",
        "work/a/CLAUDE.md": "nearer",
        "work/a/b/CLAUDE.md": "too deep",
        "CLAUDE.md": "above the project",
      },
      "work/a",
    );
    const text = (await host.parts()).get(500) ?? "";
    const said = ["from me", "from me, too", "top agents", "top claude", "hidden claude", "local", "nearer"];
    expect([...text.matchAll(/\):\n\n(?<said>.*)/gu)].map(({ groups }) => groups?.["said"])).toEqual(said);
    expect(host.loaded).toEqual([
      "user session_start home/.plugsmith/AGENTS.md",
      "user session_start home/.claude/CLAUDE.md",
      "project session_start work/AGENTS.md",
      "project session_start work/CLAUDE.md",
      "project session_start work/.claude/CLAUDE.md",
      "local session_start work/CLAUDE.local.md",
      "project session_start work/a/CLAUDE.md",
    ]);
  });
});

describe("a file of instructions", () => {
  const once = [
    { name: "with the same text", files: { "work/AGENTS.md": "rule\n", "work/CLAUDE.md": "rule" } },
    { name: "that imports the other", files: { "work/AGENTS.md": "rule", "work/CLAUDE.md": "@AGENTS.md\n" } },
    { name: "that the other imports", files: { "work/CLAUDE.md": "rule", "work/AGENTS.md": "@./CLAUDE.md" } },
  ];
  it.each(once)("$name is sent once", async ({ files }) => {
    await using host = await instructionsHost(files);
    expect((await host.parts()).get(500)?.match(/rule/gu)).toHaveLength(1);
    expect(host.loaded).toHaveLength(1);
  });

  it("that is a link to the other is sent once", async () => {
    await using host = await instructionsHost({ "work/AGENTS.md": "rule" });
    symlinkSync("AGENTS.md", `${host.top}/work/CLAUDE.md`);
    expect((await host.parts()).get(500)?.match(/rule/gu)).toHaveLength(1);
  });

  it("imports others, in circles and below each other, but not from code", async () => {
    await using host = await instructionsHost({
      "work/CLAUDE.md": "See @docs/a.md and `@docs/no.md`, mail me@x.y or ask @somebody.\n```\n@docs/no.md\n```\n",
      "work/docs/a.md": "A, back to @../CLAUDE.md, on to @b.md.",
      "work/docs/b.md": "B",
      "work/docs/no.md": "NO",
    });
    const text = (await host.parts()).get(500) ?? "";
    expect(text).toContain("docs/b.md (instructions of the project, imported by work/docs/a.md):\n\nB");
    expect(text).not.toContain("NO");
    expect(host.loaded).toEqual([
      "project session_start work/CLAUDE.md",
      "project include work/docs/a.md",
      "project include work/docs/b.md",
    ]);
    expect(host.test.warnings).toEqual([]);
  });

  it("imports at most five files deep", async () => {
    const chain = Array.from({ length: 8 }, (_, at) => [
      `work/${String(at)}.md`,
      `text ${String(at)} @${String(at + 1)}.md`,
    ]);
    await using host = await instructionsHost({ "work/CLAUDE.md": "begin @0.md", ...Object.fromEntries(chain) });
    const text = (await host.parts()).get(500) ?? "";
    expect(text).toContain("text 4");
    expect(text).not.toContain("text 5");
    expect(host.test.warnings.join()).toContain("more than 5 files deep");
  });

  const outside = [
    { name: "imports by dots", text: "x @../secret.md" },
    { name: "imports an absolute path", text: "x @/etc/hosts" },
    { name: "imports from home", text: "x @~/secret.md" },
  ];
  it.each(outside)("of a project that $name gets nothing from outside, and a warning", async ({ text }) => {
    await using host = await instructionsHost({
      "work/CLAUDE.md": text,
      "secret.md": "SECRET",
      "home/secret.md": "SECRET",
    });
    expect(host.loaded).toEqual([]);
    expect((await host.parts()).get(500)).not.toContain("SECRET");
    expect(host.loaded).toEqual(["project session_start work/CLAUDE.md"]);
    expect(host.test.warnings.join()).toContain("outside");
  });

  it("that is a link out of the project is left out", async () => {
    await using host = await instructionsHost({ "secret.md": "SECRET" });
    symlinkSync(`${host.top}/secret.md`, `${host.top}/work/AGENTS.md`);
    expect((await host.parts()).has(500)).toBe(false);
    expect(host.test.warnings.join()).toContain("outside");
  });

  it("of the person may import from home", async () => {
    await using host = await instructionsHost({ "home/.claude/CLAUDE.md": "x @~/notes.md", "home/notes.md": "NOTES" });
    expect((await host.parts()).get(500)).toContain("NOTES");
  });

  it("loses comments on lines of their own, but not those in code", async () => {
    await using host = await instructionsHost({
      "work/CLAUDE.md": "a\n<!-- one -->\nb <!-- kept -->\n<!-- two\nlines -->\nc\n```\n<!-- code -->\n```\n",
    });
    const text = (await host.parts()).get(500) ?? "";
    expect(text.slice(text.indexOf("\n\na") + 2)).toBe("a\nb <!-- kept -->\nc\n```\n<!-- code -->\n```");
  });

  it("that is too long is cut, with a notice for the model and the person", async () => {
    await using host = await instructionsHost({ "work/CLAUDE.md": "x".repeat(50_000) });
    const text = (await host.parts()).get(500) ?? "";
    expect(text).toContain("is left out because it is too long");
    expect(text.length).toBeLessThan(41_000);
    expect(host.test.warnings.join()).toContain("has 50000 characters; only the first 40000 are used");
  });
});

describe("a file that is touched", () => {
  const files = {
    "work/CLAUDE.md": "top",
    "work/a/AGENTS.md": "in a",
    "work/a/b/CLAUDE.md": "in b",
    "work/c/CLAUDE.md": "in c",
  };

  it("brings the instructions of the folders above it, once, with the next texts", async () => {
    await using host = await instructionsHost(files);
    await host.parts();
    expect(await host.texts()).toEqual([]);
    await host.touch("work/a/b/x.ts");
    const [text = "", ...more] = await host.texts();
    expect(more).toEqual([]);
    expect(text.indexOf("in a")).toBeLessThan(text.indexOf("in b"));
    expect(text).not.toContain("top");
    await host.touch("work/a/y.ts");
    await host.touch("outside.ts");
    expect(await host.texts()).toEqual([]);
    expect(host.loaded.slice(1)).toEqual([
      "project nested_traversal work/a/AGENTS.md",
      "project nested_traversal work/a/b/CLAUDE.md",
    ]);
  });

  it("brings nothing that a resumed session was given before", async () => {
    await using host = await instructionsHost(files);
    await host.parts();
    await host.touch("work/a/x.ts");
    await host.texts();
    const resumed = new MemorySession({ directory: host.session.directory });
    for (const note of host.session.notes("instructions/loaded")) resumed.note("instructions/loaded", note);
    await host.touch("work/a/b/x.ts", resumed);
    expect(await host.texts(resumed)).toEqual([expect.stringMatching(/in b/u)]);
    expect((await host.texts(resumed)).join()).not.toContain("in a");
  });
});
