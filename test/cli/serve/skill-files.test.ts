import { mkdirSync, symlinkSync, truncateSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readSkillFile, skillFileOf, skillPaths } from "../../../cli/serve/skill-files.ts";
import type { ServedText } from "../../../cli/serve/served-texts.ts";
import { ownUri, servedUri } from "../../../cli/serve/served-uri.ts";
import { isCodedError } from "../../../schemas/errors.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

const SKILL = "skill://kit/notes";

function skill(files: TemporaryHome): ServedText {
  const plugin = {
    id: "kit@market",
    name: "kit",
    version: "1.0.0",
    tier: "installed" as const,
    directory: files.path("kit"),
    dataDirectory: files.path("data"),
  };
  return {
    kind: "skill",
    name: "kit:notes",
    uri: SKILL,
    plugin,
    description: "",
    argumentHint: undefined,
    argumentNames: [],
    isPrompt: true,
    text: { plugin, document: { file: "skills/notes/SKILL.md" }, skillPath: "skills/notes" },
  };
}

/** What a client gets, or why not. */
function read(texts: readonly ServedText[], uri: string): unknown {
  try {
    const file = skillFileOf(texts, uri);
    return file === undefined ? "no skill" : readSkillFile(file, uri);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return error.code;
  }
}

describe("files of a skill", () => {
  it("are read below its folder, texts as texts and bytes as bytes, and nothing else is", () => {
    using files = temporaryHome();
    files.write("secret.md", "secret");
    files.write("kit/plugin.json", "{}");
    files.write("kit/skills/notes/SKILL.md", "text");
    files.write("kit/skills/notes/references/a b.md", "guide");
    files.write("kit/skills/notes/assets/bytes.bin", "a\0b");
    files.write("kit/skills/other/SKILL.md", "other");
    files.write("kit/skills/notes/assets/large.txt", "");
    truncateSync(files.path("kit/skills/notes/assets/large.txt"), 4 * 1024 * 1024 + 1);
    mkdirSync(files.path("kit/skills/notes/empty"));
    symlinkSync("references/a b.md", files.path("kit/skills/notes/inside.md"));
    symlinkSync("../other/SKILL.md", files.path("kit/skills/notes/beside.md"));
    symlinkSync(files.path("secret.md"), files.path("kit/skills/notes/absolute.md"));
    symlinkSync("../../..", files.path("kit/skills/notes/up"));
    const texts = [skill(files)];
    const guide = { mimeType: "text/markdown", text: "guide" };
    const cases: readonly (readonly [string, unknown])[] = [
      ["/references/a b.md", guide],
      ["/references/a%20b.md", guide],
      ["/inside.md", guide],
      ["/assets/bytes.bin", { mimeType: "application/octet-stream", blob: "YQBi" }],
      ["/assets/large.txt", "E_LIMIT_FILE"],
      ["/beside.md", "E_NOT_FOUND"],
      ["/absolute.md", "E_NOT_FOUND"],
      ["/up/secret.md", "E_NOT_FOUND"],
      ["/../other/SKILL.md", "E_NOT_FOUND"],
      ["/references/../../other/SKILL.md", "E_NOT_FOUND"],
      ["/%2e%2e/other/SKILL.md", "E_NOT_FOUND"],
      ["/..%2f..%2fplugin.json", "E_NOT_FOUND"],
      ["/..%5c..%5cplugin.json", "E_NOT_FOUND"],
      ["//etc/passwd", "E_NOT_FOUND"],
      ["/%2fetc%2fpasswd", "E_NOT_FOUND"],
      ["/C:%5cWindows", "E_NOT_FOUND"],
      ["/SKILL.md%00.png", "E_NOT_FOUND"],
      ["/%zz", "E_NOT_FOUND"],
      ["/", "E_NOT_FOUND"],
      ["/empty", "E_NOT_FOUND"],
      ["/none.md", "E_NOT_FOUND"],
      ["/SKILL.md?market=other", "no skill"],
      ["-more/SKILL.md", "no skill"],
    ];
    expect(cases.map(([path]) => [path, read(texts, `${SKILL}${path}`)])).toEqual(cases);
    const paths = ["SKILL.md", "assets/bytes.bin", "assets/large.txt", "references/a b.md"];
    expect(skillPaths(skill(files), "")).toEqual(paths);
    expect(skillPaths(skill(files), "assets/l")).toEqual(["assets/large.txt"]);
  });
});

describe("URIs of servers' resources", () => {
  it("lead back to the server and to its own name for them", () => {
    const servers = [
      { plugin: { name: "kit" }, name: "a" },
      { plugin: { name: "kit" }, name: "a/b {c}" },
      { plugin: { name: "kit-2" }, name: "a" },
    ] as unknown as Parameters<typeof servedUri>[0][];
    const uris = ["demo://x/1", "file:///a/../b?c#d", "b/c", "demo://x/{id}{?q*}", "", "mcp://kit/a/x"];
    const pairs = servers.flatMap((server) => uris.map((uri) => ({ server, uri })));
    expect(pairs.map(({ server, uri }) => ownUri(servers, servedUri(server, uri)))).toEqual(pairs);
    expect(ownUri(servers, "mcp://kit/none/x")).toBeUndefined();
    expect(new Set(pairs.map(({ server, uri }) => servedUri(server, uri))).size).toBe(pairs.length);
  });
});
