import fc from "fast-check";
import { expect, it } from "vitest";
import { PLUGIN_KEYS } from "../../../schemas/claude-plugin.ts";
import {
  executables,
  memoryTree,
  readManifestHead,
  readPlugin,
  tokenEstimate,
  validatePlugin,
} from "../../../schemas/formats/index.ts";
import type { MemoryFile } from "../../../schemas/formats/index.ts";
import { HOOK_EVENTS } from "../../../schemas/hook-events.ts";
import { entryOf } from "./plugin-fixture.ts";

const word = fc.constantFrom(
  "",
  ".",
  "./",
  "..",
  "./skills",
  "./a.md",
  "./hooks.json",
  "https://x/y.mcpb",
  "command",
  "stdio",
  "http",
  "x@y@^1",
  "^1",
  "${user_config.k}",
  "__proto__",
  "constructor",
  "toString",
  "p",
  "\u202e",
  "a b",
);
const key = fc.constantFrom(
  ...PLUGIN_KEYS,
  ...Object.keys(HOOK_EVENTS).slice(0, 4),
  "type",
  "command",
  "args",
  "env",
  "url",
  "matcher",
  "mcpServers",
  "prompt",
  "source",
  "content",
  "title",
  "extensionToLanguage",
  ".x",
  "server",
  "toString",
  "hasOwnProperty",
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    word,
    fc.constantFrom<unknown>(null, true, 0, -1, 1.5),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(key, tie("json"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const manifest = fc
  .dictionary(key, json, { maxKeys: 5, noNullPrototype: true })
  .map((fields) => ({ name: "p", ...fields }));
const front = fc.array(
  fc.tuple(
    fc.constantFrom("name", "description", "tools", "hooks", "paths", "model", "  - x", "<<", "&a", "---"),
    word,
    fc.constantFrom(": ", ":", " ", ": [", ": |"),
  ),
  { maxLength: 6 },
);
const document = front.map(
  (lines) => `---\n${lines.map(([name, value, mark]) => `${name}${mark}${value}\n`).join("")}---\n!\`x\`\n`,
);
const file: fc.Arbitrary<MemoryFile> = fc.oneof(
  document,
  json.map((value) => JSON.stringify(value)),
  word,
  fc.uint8Array({ maxLength: 20 }),
  fc.constantFrom(".", "..", "/x", "skills", "a.md", "hooks").map((link) => ({ link })),
);
const path = fc.constantFrom(
  "SKILL.md",
  "skills/s/SKILL.md",
  "commands/a.md",
  "agents/a/b.md",
  "hooks/hooks.json",
  ".mcp.json",
  ".lsp.json",
  "monitors/monitors.json",
  "a.md",
  "hooks.json",
  "bin/x",
  "output-styles/o.md",
  "plugin.json",
  "mcp.json",
);

it("MF02: no input makes a reader throw, and what gives nothing says why", () => {
  let loaded = 0;
  fc.assert(
    fc.property(
      fc.option(fc.oneof(manifest, json)),
      fc.dictionary(path, file, { maxKeys: 5, noNullPrototype: true }),
      fc.option(manifest),
      fc.boolean(),
      (own, files, raw, root) => {
        const tree = memoryTree({
          ...files,
          ...(own !== null && { ".claude-plugin/plugin.json": JSON.stringify(own) }),
        });
        const options = { fallbackName: "f", rootIsMarketplace: root, ...(raw !== null && { entry: entryOf(raw) }) };
        const { manifest: read, diagnostics } = readPlugin(tree, options);
        validatePlugin(tree, options);
        readManifestHead(tree, options);
        for (const finding of diagnostics)
          expect(finding).toMatchObject({
            message: expect.any(String),
            file: expect.any(String),
            line: expect.any(Number),
            hint: expect.any(String),
          });
        if (read === undefined) expect(diagnostics.some(({ severity }) => severity === "error")).toBe(true);
        else {
          loaded++;
          executables(read);
          expect(tokenEstimate(read)).toBeGreaterThanOrEqual(0);
          expect(JSON.parse(JSON.stringify(read))).toStrictEqual(read);
        }
      },
    ),
    { numRuns: 4000 },
  );
  expect(loaded).toBeGreaterThan(200);
});
