import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { sandbox } from "../cli/sandbox.ts";

const CODE = `import { definePlugin, defineTool, toolPoint } from "plugsmith/plugin-api";
import { count } from "./count.ts";
const words = defineTool<{ readonly text: string }>({
  name: "Words",
  description: "Counts the words of a text",
  inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  readOnly: true,
  run: ({ text }): string => \`\${count(text)} words\`,
});
export default definePlugin({ activate: (context) => void context.contribute(toolPoint, "Words", words) });
`;

it("packs code in TypeScript with what it adds, and the archive is a plugin that can be added", () => {
  using box = sandbox();
  const folder = box.market("acme", {
    words: {
      manifest:
        '{ "name": "words", "version": "1.0.0",\n  "plugsmith": { "entry": "./code/index.ts", "capabilities": { "net": true } } }\n',
      files: {
        "code/index.ts": CODE,
        "code/count.ts": 'export const count = (text: string): number => text.split(" ").length;\n',
      },
    },
  });
  const before = readFileSync(`${folder}/words/.claude-plugin/plugin.json`, "utf8");
  const dry = box.json(["pack", `${folder}/words`, "--dry-run", "--trust-workspace"]);
  expect(dry).toMatchObject({ status: 0, stderr: "", document: { outcome: "dry-run", announced: ["contributes"] } });
  const { document } = box.json(["pack", `${folder}/words`, "--trust-workspace"]);
  expect(document).toMatchObject({
    outcome: "packed",
    file: box.files.path("work/words-1.0.0.tgz"),
    digest: dry.document["digest"],
  });
  expect(readFileSync(`${folder}/words/.claude-plugin/plugin.json`, "utf8")).toBe(before);

  // Another folder, another umask: the same bytes.
  cpSync(`${folder}/words`, box.files.path("copy"), { recursive: true });
  const program = ["-c", 'umask 077 && exec "$@"', "sh", process.execPath, join(inject("bundle"), "plugin.js")];
  const again = spawnSync("sh", [...program, "pack", "copy", "--out", "copy.tgz", "--trust-workspace"], {
    cwd: box.files.directory,
    env: { PATH: process.env["PATH"] ?? "", HOME: box.files.directory, PLUGSMITH_HOME: box.home },
  });
  expect({ status: again.status, stderr: again.stderr.toString() }).toEqual({ status: 0, stderr: "" });
  const archive = readFileSync(box.files.path("work/words-1.0.0.tgz"));
  expect(readFileSync(box.files.path("copy.tgz")).equals(archive)).toBe(true);

  mkdirSync(box.files.path("unpacked"));
  spawnSync("tar", ["xzf", box.files.path("work/words-1.0.0.tgz"), "-C", box.files.path("unpacked")]);
  const plugin = box.files.path("unpacked/package");
  expect(readFileSync(`${plugin}/code/index.js`, "utf8")).toContain('from "./count.js"');
  expect(JSON.parse(readFileSync(`${plugin}/.claude-plugin/plugin.json`, "utf8"))).toMatchObject({
    plugsmith: { entry: "./code/index.js", contributes: { "plugsmith/tool": [{ name: "Words", readOnly: true }] } },
  });
  const digest = /--accept (sha256-[0-9a-f]{64})/u.exec(box.json(["add", plugin]).stdout)?.[1] ?? "";
  expect(box.json(["add", plugin, "--accept", digest])).toMatchObject({ status: 0 });
});
