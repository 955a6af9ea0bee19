import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { sandbox, type Sandbox } from "../cli/sandbox.ts";
import { sarifShape } from "../support/sarif-shape.ts";

const MANIFEST = JSON.stringify({
  name: "claude-lint",
  version: "1.0.0",
  keyword: ["a"],
  agents: ["agents/one.md"],
});
const FILES = {
  "agents/one.md": "---\nname: one\ndescription: One\n---\n\nOne.\n",
  "CLAUDE.md": "Read me.\n",
};

function codes(box: Sandbox, words: readonly string[]): readonly string[] {
  const { diagnostics } = box.json(words).document;
  if (!Array.isArray(diagnostics)) throw new TypeError("no diagnostics");
  const found: readonly { readonly severity: string; readonly code: string }[] = diagnostics;
  return found.flatMap(({ severity, code }) => (severity === "advice" ? [] : [`${severity} ${code}`])).sort();
}

const HOOK_UNQUOTED = {
  "hooks/hooks.json":
    '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "node ${CLAUDE_PLUGIN_ROOT}/a.mjs"}]}]}}',
};

const STRICT = ["error E_NAME", "error W_PATH_PREFIX", "warning W_CLAUDE_MD", "warning W_UNKNOWN_KEY"];

it("tells an author of a plugin what the strict view alone finds", () => {
  using box = sandbox();
  const market = box.market("acme", { lint: { manifest: MANIFEST, files: FILES } });
  const missing = ["warning W_FIELD_MISSING", "warning W_FIELD_MISSING"];
  expect(codes(box, ["validate", `${market}/lint`])).toEqual([...STRICT, ...missing].sort());
  expect(box.run(["validate", `${market}/lint`]).status).toBe(1);
});

it("tells the owner of a marketplace the same about what lies in it, but not to repeat what the entry says", () => {
  using box = sandbox();
  const market = box.market("acme", { lint: { manifest: MANIFEST, files: FILES } });
  const found = codes(box, ["marketplace", "validate", market]);
  expect(found.filter((code) => code !== "warning W_FIELD_MISSING")).toEqual(STRICT);
  const { stdout } = box.run(["marketplace", "validate", market]);
  expect(stdout).toContain("`author` is missing");
  expect(stdout).toContain("the marketplace has no `description`");
  expect(stdout).not.toContain("`description` is missing");
});

it("gives advice that fails nothing, cures what leaves no choice, and prints SARIF", () => {
  using box = sandbox();
  const market = box.market("acme", { lint: { files: HOOK_UNQUOTED } });
  const plugin = `${market}/lint`;
  const file = `${plugin}/hooks/hooks.json`;
  const strict = box.run(["validate", plugin, "--sarif"]);
  expect(strict.status).toBe(0);
  expect(sarifShape.parse(JSON.parse(strict.stdout))).toMatchObject({ runs: [{ results: expect.any(Array) }] });
  const dry = box.json(["validate", plugin, "--fix", "--dry-run"]).document;
  expect(dry["fixed"]).toEqual([
    { file: "README.md", code: "A_README_MISSING" },
    { file: "hooks/hooks.json", code: "A_HOOK_UNQUOTED" },
  ]);
  expect(readFileSync(file, "utf8")).toBe(HOOK_UNQUOTED["hooks/hooks.json"]);
  const { document } = box.json(["marketplace", "validate", market, "--fix"]);
  expect(JSON.stringify(document["fixed"])).toContain('"lint/hooks/hooks.json"');
  expect(readFileSync(file, "utf8")).toContain('"node \\"${CLAUDE_PLUGIN_ROOT}/a.mjs\\""');
  expect(box.run(["validate", plugin]).stdout).not.toContain("A_HOOK_UNQUOTED");
  expect(box.run(["validate", plugin, "--sarif", "--json"]).status).toBe(2);
});

it("leaves a vendor the names in its own catalog", () => {
  using box = sandbox();
  const market = box.market("claude-plugins-official", { lint: { manifest: MANIFEST, files: FILES } });
  expect(codes(box, ["marketplace", "validate", market])).not.toContain("error E_NAME");
});
