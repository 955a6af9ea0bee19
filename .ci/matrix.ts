import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installNode, must, npmInstall, type Outcome, run } from "./node-runtime.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const MAJORS: readonly number[] = [22, 24, 26];
const TOO_OLD = 20;

function writeJson(file: string, value: unknown): void {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, JSON.stringify(value, null, 2));
}

/** A marketplace of one plugin that executes nothing, so that no consent is needed. */
function writeMarketplace(folder: string): void {
  writeJson(join(folder, ".claude-plugin/marketplace.json"), {
    name: "tiny",
    owner: { name: "matrix" },
    plugins: [{ name: "hello", source: "./hello", description: "says hello" }],
  });
  writeJson(join(folder, "hello/.claude-plugin/plugin.json"), { name: "hello", version: "1.0.0" });
  mkdirSync(join(folder, "hello/commands"), { recursive: true });
  writeFileSync(join(folder, "hello/commands/hi.md"), "---\ndescription: says hello\n---\n\nSay hello.\n");
}

/** A plugin with a tool of its own code, and the script of a turn that calls it. */
function writeCodePlugin(folder: string): void {
  const tool = {
    name: "Shout",
    description: "d",
    inputSchema: { type: "object" },
    readOnly: true,
    concurrencySafe: true,
  };
  writeJson(join(folder, "kit/.claude-plugin/plugin.json"), {
    name: "kit",
    version: "1.0.0",
    plugsmith: { entry: "./kit.js", contributes: { "plugsmith/tool": [tool] } },
  });
  writeFileSync(
    join(folder, "kit/kit.js"),
    `import { definePlugin, defineTool, toolPoint } from "plugsmith/plugin-api";
const tool = defineTool({ ...${JSON.stringify(tool)}, run: () => "HELLO" });
export default definePlugin({ activate: (context) => void context.contribute(toolPoint, "Shout", tool) });\n`,
  );
  writeFileSync(
    join(folder, "script.yaml"),
    'steps:\n  - when: { tool: Shout }\n    reply: { text: "the tool said {{result}}" }\n' +
      "  - when: { tools: [Shout] }\n    reply: { calls: [{ name: Shout }] }\n",
  );
}

interface Step {
  readonly name: string;
  /** Default: `plugin`. */
  readonly program?: "plugsmith";
  readonly args: readonly string[];
  readonly passes: (outcome: Outcome) => boolean;
}

const succeeds = (outcome: Outcome): boolean => outcome.status === 0;

function stepsOf(market: string, major: number): readonly Step[] {
  if (major === TOO_OLD) {
    const refused = ({ status, output }: Outcome): boolean =>
      status === 1 && /^[^\n]*Node\.js 22 or newer[^\n]*\n$/u.test(output);
    return [{ name: "one clear sentence", args: ["--version"], passes: refused }];
  }
  return [
    { name: "--version", args: ["--version"], passes: (o) => succeeds(o) && /\d+\.\d+\.\d+/u.test(o.output) },
    { name: "--help", args: ["--help"], passes: (o) => succeeds(o) && o.output.includes("marketplace") },
    { name: "marketplace add", args: ["marketplace", "add", market], passes: succeeds },
    { name: "add", args: ["add", "hello@tiny", "--yes"], passes: succeeds },
    { name: "list", args: ["list"], passes: (o) => succeeds(o) && o.output.includes("hello@tiny") },
    {
      name: "boot",
      program: "plugsmith",
      args: ["boot"],
      passes: (o) => succeeds(o) && o.output.includes("hello@tiny") && o.output.includes("turn-loop@builtin"),
    },
    {
      name: "a turn with a code tool",
      program: "plugsmith",
      args: ["-p", "go", "--model", `scripted:${join(market, "script.yaml")}`, ...CODE, join(market, "kit")],
      passes: (o) => succeeds(o) && o.output.includes("the tool said HELLO"),
    },
  ];
}

const CODE: readonly string[] = ["--allowed-tools", "Shout", "--plugin-dir"];

const work = mkdtempSync(join(tmpdir(), "plugsmith-matrix-"));
let failed = 0;
try {
  const packed = join(work, "packed");
  mkdirSync(packed);
  // `prepack` builds first.
  must("npm", ["pack", "--silent", "--pack-destination", packed], { cwd: root });
  const tarball = join(packed, readdirSync(packed)[0] ?? "");
  const market = join(work, "market");
  writeMarketplace(market);
  writeCodePlugin(market);

  for (const major of [...MAJORS, TOO_OLD]) {
    const app = join(work, `app-${String(major)}`);
    const home = join(work, `home-${String(major)}`);
    mkdirSync(home);
    const node = installNode(major, join(work, `node-${String(major)}`));
    const path = [node, process.env["PATH"] ?? ""].join(delimiter);
    const env = {
      ...process.env,
      PATH: path,
      HOME: home,
      USERPROFILE: home,
      PLUGSMITH_HOME: undefined,
      PLUGSMITH_AGENTS: "off",
      CI: undefined,
    };
    npmInstall(tarball, app, env);
    const version = run("node", ["--version"], { cwd: app, env }).output.trim();
    for (const { name, args, passes, program = "plugin" } of stepsOf(market, major)) {
      const outcome = run(join(app, "node_modules/.bin", program), args, { cwd: home, env });
      const ok = passes(outcome);
      if (!ok) failed += 1;
      console.log(`${version.padEnd(10)} ${name.padEnd(24)} ${ok ? "ok" : `FAIL (exit ${String(outcome.status)})`}`);
      if (!ok) console.log(outcome.output.trimEnd());
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (failed > 0) process.exitCode = 1;
