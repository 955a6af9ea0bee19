import { describe, expect, it } from "vitest";
import { adviceAbout, type AdviceSubject } from "../../../marketplace/author/advice/index.ts";
import { fixesFor } from "../../../marketplace/author/advice/fixes.ts";
import { quoted } from "../../../marketplace/author/advice/shell-words.ts";
import { overlaps, triggerWords } from "../../../marketplace/author/advice/trigger-words.ts";
import { PARTS, type PartName } from "../../../marketplace/author/parts/index.ts";
import { scaffold } from "../../../marketplace/author/scaffold.ts";
import { memoryTree, validatePlugin } from "../../../schemas/formats/index.ts";

type Files = Readonly<Record<string, string>>;

const PAPERS: Files = {
  ".claude-plugin/plugin.json":
    '{\n  "name": "p", "version": "1.0.0", "description": "d", "author": { "name": "A" }\n}\n',
  LICENSE: "MIT",
  "README.md": "# p\n",
};

function subject(files: Files, folder = ""): AdviceSubject {
  const tree = memoryTree(files);
  const { manifest } = validatePlugin(tree, { fallbackName: "p" });
  if (manifest === undefined) throw new Error("the fixture is no plugin");
  return { manifest, tree, folder, licensed: false };
}

const codes = (files: Files): readonly string[] =>
  adviceAbout([subject({ ...PAPERS, ...files })]).map(({ code }) => code);

const skill = (description: string, body = "x", more = ""): Files => ({
  "skills/s/SKILL.md": `---\nname: s\n${more}description: ${description}\n---\n\n${body}\n`,
});
const hook = (handler: object, event = "Stop"): Files => ({
  "hooks/hooks.json": JSON.stringify({ hooks: { [event]: [{ hooks: [{ type: "command", ...handler }] }] } }),
});
const server = (command: string, ...args: string[]): Files => ({
  ".mcp.json": JSON.stringify({ mcpServers: { s: { command, args } } }),
});
const ROOT = "${CLAUDE_PLUGIN_ROOT}";
const GOOD = "Counts the words of a text file. Use when somebody asks how long a text is";

const TABLE: readonly (readonly [what: string, files: Files, codes: readonly string[]])[] = [
  ["a skill that says what it does and when", skill(GOOD), []],
  ["a description of a few words", skill("Counts words"), ["A_DESCRIPTION_SHORT"]],
  ["one that does not say when", skill("Counts the words of a text file, each of them once"), ["A_DESCRIPTION_WHEN"]],
  ["one in another script", skill(`${"\u6587".repeat(60)}`), []],
  ["one that goes on and on", skill(`${GOOD}. ${"And more. ".repeat(70)}`), ["A_DESCRIPTION_LONG"]],
  ["one that no client reads to its end", skill(`${GOOD}. ${"And more. ".repeat(120)}`), []],
  ["a short one that only people see", skill("Counts", "x", "disable-model-invocation: true\n"), []],
  ["a skill as long as a book", skill(GOOD, "word ".repeat(6_000)), ["A_TOKENS_SKILL"]],
  [
    "an agent of a few words",
    { "agents/a.md": "---\nname: a\ndescription: Use for all\n---\n\nx\n" },
    ["A_DESCRIPTION_SHORT"],
  ],
  [
    "many descriptions that are all listed",
    Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [
        `commands/c${at}.md`,
        `---\ndescription: ${"word ".repeat(30)}\n---\n\nx\n`,
      ]),
    ),
    ["A_TOKENS_LISTED"],
  ],
  ["a hook in exec form", hook({ command: "node", args: [`${ROOT}/a.mjs`], timeout: 999 }), []],
  ["a path without quotes", hook({ command: `node ${ROOT}/a.mjs` }), ["A_HOOK_UNQUOTED"]],
  ["a path in quotes", hook({ command: `node "${ROOT}/a.mjs"` }), []],
  ["a shell script", hook({ command: `bash "${ROOT}/a.sh"` }), ["A_HOOK_POSIX"]],
  ["a shell script that says so", hook({ command: `bash "${ROOT}/a.sh"`, shell: "bash" }), []],
  ["a shell script with a way out", hook({ command: `bash "${ROOT}/a.sh" || pwsh -File "${ROOT}/a.ps1"` }), []],
  ["a command of another shell", hook({ command: `& ${ROOT}/a.ps1`, shell: "powershell" }), []],
  ["a file that starts itself", hook({ command: `"${ROOT}/hooks/guard.py" --now` }), ["A_HOOK_POSIX"]],
  ["a program of Windows", hook({ command: `"${ROOT}/guard.exe"` }), []],
  ["the null device", hook({ command: "node a.mjs 2>/dev/null" }), ["A_HOOK_POSIX"]],
  ["a timeout of an hour and more", hook({ command: "node a.mjs", timeout: 5_000 }), ["A_TIMEOUT_UNIT"]],
  ["a hook that downloads", hook({ command: "npx prettier --check ." }), ["A_LAUNCHER_UNPINNED"]],
  [
    "a hook of a skill",
    skill(GOOD, "x", `hooks: { Stop: [{ hooks: [{ type: command, command: "sh x" }] }] }\n`),
    ["A_HOOK_POSIX"],
  ],
];

describe("advice", () => {
  it.each(TABLE)("about %s", (_what, files, expected) => {
    expect(codes(files)).toEqual(expected);
  });

  const LAUNCHES: readonly (readonly [line: string, pinned: boolean])[] = [
    ["npx -y @a/b", false],
    ["npx -y @a/b@latest", false],
    ["npx -y @a/b@>=1.1.0", false],
    ["npx -y @a/b@1.2.3 --flag", true],
    ["npx --package=a@1.0.0 -p b -- run", false],
    ["npx --package=a@1.0.0 -- run", true],
    ["npx.cmd a", false],
    ["npx ./local", true],
    [`npx ${ROOT}/local`, true],
    ["npx -y git+https://host/x.git", false],
    [`npx -y git+https://host/x.git#${"a".repeat(40)}`, true],
    ["bunx a", false],
    ["bun x a@1.0.0", true],
    ["bun run start", true],
    ["pnpm dlx a", false],
    ["pnpm install", true],
    ["uvx a", false],
    ["uvx a==1.0", true],
    ["uvx a@1.0", true],
    ["uvx --python 3.12 a@latest", false],
    ["uvx --from a[mcp] a", false],
    ["uvx --from git+https://host/x a", false],
    [`uvx --from git+https://host/x@${"b".repeat(40)} a`, true],
    ["uv tool run a", false],
    ["uv run server.py", true],
    ["pipx run --spec a==1.0 a", true],
    ["docker run -i --rm -e A=b -v /x:/y img/x", false],
    ["docker run -i --rm -e A=b img/x:latest", false],
    ["docker run -it --name n img/x:1.2", true],
    [`docker run --rm host:5000/x@sha256:${"c".repeat(64)}`, true],
    ["docker run --rm host:5000/x", false],
    ["node server.mjs", true],
  ];
  it.each(LAUNCHES)("knows whether `%s` names a version: %s", (line, pinned) => {
    const [command = "", ...args] = line.split(" ");
    expect(codes(server(command, ...args))).toEqual(pinned ? [] : ["A_LAUNCHER_UNPINNED"]);
  });

  it("asks for papers, unless a marketplace has the licence", () => {
    const bare = subject({ ".claude-plugin/plugin.json": PAPERS[".claude-plugin/plugin.json"] ?? "" }, "plugins/p");
    const found = adviceAbout([bare]);
    expect(found.map(({ code, file }) => `${code} ${file ?? ""}`)).toEqual([
      "A_LICENCE_MISSING plugins/p/.claude-plugin/plugin.json",
      "A_README_MISSING plugins/p/.claude-plugin/plugin.json",
    ]);
    expect(adviceAbout([{ ...bare, licensed: true }]).map(({ code }) => code)).toEqual(["A_README_MISSING"]);
  });

  it("names two skills of a set that are described alike, once", () => {
    const about = (file: string): string =>
      `Writes ${file} release notes from the commits of a repository. Use when a release is near`;
    const set = ["one", "two", "three"].map((folder) =>
      subject({ ...PAPERS, ...skill(folder === "three" ? GOOD : about(folder)) }, folder),
    );
    const found = adviceAbout(set);
    expect(found.map(({ code, file }) => [code, file])).toEqual([["A_TRIGGER_OVERLAP", "two/skills/s/SKILL.md"]]);
    expect(found[0]?.message).toContain("share 75 % of their words (writes, release, notes,");
  });

  it("has none about what `plugin new` writes", () => {
    // Keys of a literal object.
    const parts = Object.keys(PARTS) as readonly PartName[];
    const request = {
      name: "fresh",
      parts,
      marketplace: false,
      author: { name: "Ada" },
      year: 2026,
      plugsmith: "1.0.0",
    };
    expect(adviceAbout([subject(Object.fromEntries(scaffold(request)))])).toEqual([]);
  });
});

describe("texts that overlap", () => {
  it("are found with their nearest only", () => {
    const texts = ["red green blue black", "red green blue white", "red green blue black grey", "one two"].map((text) =>
      triggerWords("", text),
    );
    expect(overlaps(texts, 0.5)).toEqual([
      { left: 0, right: 2, share: 0.8 },
      { left: 0, right: 1, share: 0.6 },
    ]);
  });
});

describe("a path of the plugin in a shell command", () => {
  it.each([
    [`node ${ROOT}/a.mjs --x`, `node "${ROOT}/a.mjs" --x`],
    [`${ROOT}/a.sh;${ROOT}/b.sh`, `"${ROOT}/a.sh";"${ROOT}/b.sh"`],
    [`ls ${ROOT}/*.sh`, `ls "${ROOT}"/*.sh`],
    [`A=${ROOT}/x node "${ROOT}/y"`, `A="${ROOT}"/x node "${ROOT}/y"`],
    [`node $CLAUDE_PLUGIN_ROOT/a '${ROOT}'`, `node "$CLAUDE_PLUGIN_ROOT/a" '${ROOT}'`],
    [`node "$(cat x)" \\"${ROOT}\\"`, `node "$(cat x)" \\""${ROOT}"\\"`],
    ["$CLAUDE_PLUGIN_ROOTS/x", "$CLAUDE_PLUGIN_ROOTS/x"],
    [`node ${ROOT}/${ROOT}`, `node "${ROOT}/${ROOT}"`],
  ])("is quoted: %s", (command, expected) => {
    expect(quoted(command)).toBe(expected);
    expect(quoted(expected)).toBe(expected);
  });
});

describe("a fix", () => {
  const HOOKS = `{ "hooks": { "Stop": [ { "hooks": [
    { "type": "command",   "command": "node ${ROOT}/a.mjs", "timeout": 20000 } ] } ] } }
`;
  const files: Files = {
    ".claude-plugin/plugin.json": '{"name": "p", "version": "1.0.0", "description": "d",\n  "agents": ["agents/a.md"]}',
    "agents/a.md": `---\nname: a\ndescription: ${GOOD} ${GOOD}\n---\n\nx\n`,
    "hooks/hooks.json": HOOKS,
    ".mcp.json": '{"mcpServers": {"s": {"url": "https://example.com/mcp"}}}',
    LICENSE: "MIT",
  };
  const findings = [...validatePlugin(memoryTree(files)).diagnostics, ...adviceAbout([subject(files)])];
  const fixes = fixesFor(findings, { textOf: (file) => files[file], plugins: [subject(files)] });
  const fixed: Files = { ...files, ...Object.fromEntries(fixes.map(({ file, text }) => [file, text])) };

  it("changes what it cures and leaves everything else as it was written", () => {
    expect(fixed["hooks/hooks.json"]).toBe(
      HOOKS.replace(`node ${ROOT}/a.mjs`, `node \\"${ROOT}/a.mjs\\"`).replace("20000", "20"),
    );
    expect(fixed[".claude-plugin/plugin.json"]).toContain('\n  "agents": ["./agents/a.md"]}');
    expect(JSON.parse(fixed[".mcp.json"] ?? "")).toMatchObject({ mcpServers: { s: { type: "http" } } });
    expect(fixed["README.md"]).toBe(`# p\n\nd\n\n- agent \`a\`: ${GOOD} ${GOOD}\n- hook on Stop\n- mcp \`s\`\n`);
  });

  it("cures what it says, and nothing is left to cure", () => {
    expect(fixes.flatMap(({ cured }) => cured.map(({ code }) => code)).sort()).toEqual([
      "A_HOOK_UNQUOTED",
      "A_README_MISSING",
      "A_TIMEOUT_UNIT",
      "W_MCP_TYPE",
      "W_PATH_PREFIX",
    ]);
    const left = [...validatePlugin(memoryTree(fixed)).diagnostics, ...adviceAbout([subject(fixed)])];
    expect(left.map(({ code }) => code)).toEqual(["W_FIELD_MISSING"]);
  });
});
