import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { GateIndex } from "../../builtin-plugins/skills/gate-index.ts";
import { openDirectoryTree } from "../../core/platform/disk-file-tree.ts";
import {
  defineTool,
  promptTextsService,
  toolPermission,
  toolPoint,
  type CommandContribution,
  type PluginInfo,
  type SkillContribution,
} from "../../plugin-api/index.ts";
import { readCommand } from "../../schemas/formats/components/commands.ts";
import { readSkill } from "../../schemas/formats/components/skills.ts";
import { Findings } from "../../schemas/formats/findings.ts";
import { baseName, parentPath } from "../../schemas/formats/tree-path.ts";
import { MemorySession } from "../support/memory-sessions.ts";
import { builtins, codePlugin, testHost } from "../support/test-host.ts";
import { findUnits } from "./corpus-files.ts";

const CORPUS = fileURLToPath(new URL("../../../shared/corpus/dev", import.meta.url));
const ARGUMENTS = 'first "second word" $1 !`third`';
const never = new AbortController().signal;

/** A shell that runs nothing: it keeps what it was asked to run. */
function recordingShell(commands: string[]) {
  const inputSchema = { type: "object", properties: { command: { type: "string" } }, required: ["command"] };
  const tool = (name: string) =>
    defineTool<{ command: string }>({
      name,
      description: "Records a command",
      inputSchema,
      run: ({ command }) => {
        commands.push(command);
        return "output of a command";
      },
    });
  const tools = [tool("Bash"), tool("PowerShell")];
  const guarded = { gate: toolPermission.key, unanswered: "deny", audited: true, input: "inputSchema" };
  const contributes = { [toolPoint.key]: tools.map(({ descriptor }) => ({ ...descriptor })) };
  return [
    codePlugin("shell", { points: { [toolPoint.key]: { guarded } }, contributes }, (context) => {
      for (const each of tools) context.contribute(toolPoint, each.descriptor.name, each);
    }),
    codePlugin("gate", { listens: [toolPermission.key] }, (context) => {
      context.listen(toolPermission, () => ({ decision: "allow" }));
    }),
  ];
}

/** Skills and commands of one repository, as its plugins would contribute them. */
function textsOf(directory: string): readonly (SkillContribution | CommandContribution)[] {
  const tree = openDirectoryTree(directory);
  const findings = new Findings();
  const context = { tree, findings, plugin: "corpus" };
  return findUnits(tree, findings).flatMap(({ kind, file }) => {
    const read =
      kind === "skill"
        ? readSkill(context, parentPath(file))
        : kind === "command"
          ? readCommand(context, file, baseName(file).replace(/\.md$/u, ""))
          : undefined;
    return read === undefined ? [] : [read];
  });
}

const repositories = existsSync(CORPUS)
  ? readdirSync(CORPUS, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  : [];

describe("the corpus", () => {
  it("renders every skill and command, runs exactly the commands that consent shows, and opens its gates", async () => {
    if (repositories.length === 0) {
      console.log("corpus absent: no text was rendered");
      return;
    }
    const commands: string[] = [];
    await using test = await testHost((home) => [...recordingShell(commands), ...builtins(["prompt-text"], home)]);
    const texts = await test.host.frontend.use(promptTextsService);
    const seen = { texts: 0, commands: 0, gated: 0, patterns: 0 };
    const problems: string[] = [];
    for (const repository of repositories) {
      const directory = join(CORPUS, repository);
      const plugin: PluginInfo = {
        id: `${repository}@corpus`,
        name: "corpus",
        version: "",
        tier: "installed",
        directory,
        dataDirectory: test.home.path("data", repository),
      };
      const session = new MemorySession({ directory });
      for (const value of textsOf(directory)) {
        const { file = "", fields, injections = [] } = value;
        commands.length = 0;
        const request = {
          plugin,
          document: { file },
          session,
          callId: "corpus",
          signal: never,
          args: ARGUMENTS,
          argumentNames: Array.isArray(fields["arguments"]) ? fields["arguments"].map(String) : [],
          skillPath: value.kind === "skill" ? value.path : undefined,
          shell: fields["shell"] === "powershell" ? ("powershell" as const) : ("bash" as const),
        };
        const text = await texts.render(request).then(
          (rendered) => rendered.text,
          (error: unknown) => {
            problems.push(`${repository}/${file}: ${String(error)}`);
          },
        );
        seen.texts += 1;
        seen.commands += commands.length;
        if (typeof text === "string" && commands.length > injections.length)
          problems.push(`${repository}/${file}: runs more than is shown`);
        const all = [text ?? "", ...commands].join("\n");
        // A text may use a later argument only.
        if (typeof text === "string" && !/first|second word|\$1|third/u.test(all))
          problems.push(`${repository}/${file}: lost its arguments`);
        const paths = value.kind === "skill" ? (value.paths ?? []) : [];
        if (paths.length === 0) continue;
        seen.gated += 1;
        seen.patterns += paths.length;
        const index = new GateIndex([{ id: "skill", paths }]);
        for (const path of paths) {
          const sample = path
            .replaceAll(/\{([^,{}]*)[^{}]*\}/gu, "$1")
            .replace(/^\.?\//u, "")
            .replaceAll("**/", "a/b/")
            .replaceAll("**", "x.y")
            .replaceAll("*", "x");
          if (!path.startsWith("!") && !index.opens(sample).has("skill"))
            problems.push(`${repository}/${file}: ${path} does not open by ${sample}`);
        }
      }
    }
    console.log(`corpus: ${JSON.stringify(seen)} in ${String(repositories.length)} repositories`);
    expect(problems).toEqual([]);
    expect(seen.texts).toBeGreaterThan(0);
  }, 120_000);
});
