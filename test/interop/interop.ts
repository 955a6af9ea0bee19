import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryHome } from "../support/temporary-home.ts";
import { CLIENTS, type ClientName, installClient } from "./clients.ts";
import { hookProblem } from "./hook-arguments.ts";
import { mountProblem, POLICED, policyProblem } from "./managed.ts";
import { interopMarket, releaseNext } from "./market.ts";
import { type ClientMachine, PROBES } from "./probes.ts";

// Every real client is asked what it holds after each verb; nothing of ours answers for it.
const PLUGIN = fileURLToPath(new URL("../../dist/plugin.js", import.meta.url));

/** What a client must list of `kit`; what is missing of its five components is a loss that the plan named. */
const EXPECTED: Readonly<Record<ClientName, readonly string[]>> = {
  claude: ["agent reviewer", "hook PreToolUse", "hook UserPromptSubmit", "mcp facts", "skill draft", "skill greet"],
  codex: ["agent reviewer", "hook PreToolUse", "hook UserPromptSubmit", "mcp facts", "skill draft", "skill greet"],
  // It lists neither agents nor hooks of plugins.
  copilot: ["mcp facts", "skill draft", "skill greet"],
  gemini: ["agent reviewer", "command draft", "hook BeforeAgent", "hook BeforeTool", "mcp facts", "skill greet"],
  opencode: ["agent reviewer", "command draft", "mcp facts", "skill greet"],
};

/** A configuration file of the client with something of the person's in it, which must survive byte for byte. */
const OWN_CONFIG: Readonly<Record<ClientName, readonly [path: string, text: string]>> = {
  claude: [".claude/settings.json", '{"theme": "dark"}'],
  codex: [".codex/config.toml", 'model = "mine" # keep\n'],
  copilot: [".copilot/settings.json", '{"theme": "dark"}'],
  gemini: [".gemini/settings.json", '{"ui": {"theme": "GitHub"}}'],
  // It writes `$schema` into a file that has none, which then is not as it was, through no doing of ours.
  opencode: [".config/opencode/opencode.json", '{"$schema": "https://opencode.ai/config.json", "username": "me"}'],
};

const STEPS: readonly {
  readonly verb: string;
  readonly args: readonly string[];
  readonly version: string | undefined;
}[] = [
  { verb: "add", args: ["add", "kit@acme"], version: "1.0.0" },
  { verb: "update", args: ["update", "kit@acme"], version: "1.1.0" },
  { verb: "rollback", args: ["rollback"], version: "1.0.0" },
  { verb: "remove", args: ["remove", "kit@acme"], version: undefined },
];

interface Row {
  readonly client: ClientName;
  readonly verb: string;
  readonly listed: string;
  readonly components: string;
  readonly problem: string | undefined;
}

/** Runs `plugin` as a person would, saying yes to what its refusal names. */
function plugin({ home, environment }: ClientMachine, args: readonly string[]): void {
  const run = (more: readonly string[]) =>
    spawnSync(process.execPath, [PLUGIN, ...args, "--yes", ...more], { cwd: home, env: environment, encoding: "utf8" });
  const first = run([]);
  if (first.status === 0) return;
  const accepted = [...first.stderr.matchAll(/--accept (sha256-[0-9a-f]{64})/gu)].flatMap(([, digest]) => [
    "--accept",
    digest ?? "",
  ]);
  const second = accepted.length === 0 ? first : run(accepted);
  if (second.status !== 0)
    throw new Error(
      `\`plugin ${args.join(" ")}\` ended with ${String(second.status)}: ${second.stdout}${second.stderr}`,
    );
}

async function runClient(client: ClientName): Promise<readonly Row[]> {
  const bin = installClient(client);
  using place = temporaryHome();
  const home = place.path("home");
  const [config, text] = OWN_CONFIG[client];
  mkdirSync(dirname(join(home, config)), { recursive: true });
  writeFileSync(join(home, config), text);
  const machine: ClientMachine = {
    home,
    environment: {
      HOME: home,
      PATH: [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter),
      LANG: "C.UTF-8",
      // Codex refuses to keep its programs below the system's temporary folder.
      TMPDIR: "/var/tmp",
    },
  };
  const market = interopMarket(place.path("source"));
  plugin(machine, ["marketplace", "add", market.url]);
  const rows: Row[] = [];
  for (const { verb, args, version } of STEPS) {
    if (verb === "update") releaseNext(market);
    plugin(machine, verb === "add" ? [...args, "--to", client] : args);
    const held = await PROBES[client](machine);
    const hook = verb === "add" ? await hookProblem(client, machine) : undefined;
    const problems = [
      hook,
      held?.version === version ? undefined : `lists ${held?.version ?? "nothing"} instead of ${version ?? "nothing"}`,
      held === undefined || held.components.join() === EXPECTED[client].join()
        ? undefined
        : "other components than expected",
      held === undefined || held.text.includes(version ?? "")
        ? undefined
        : `reads other texts than those of ${version ?? ""}`,
      verb === "remove" && readFileSync(join(home, config), "utf8") !== text
        ? `\`${config}\` is not as it was`
        : undefined,
    ].filter((problem) => problem !== undefined);
    rows.push({
      client,
      verb,
      listed: held?.version ?? "-",
      components: held?.components.join(", ") ?? "",
      problem: problems.length === 0 ? undefined : problems.join("; "),
    });
  }
  const policed = POLICED.find((name) => name === client);
  if (policed !== undefined) rows.push(await policyRow(policed, machine));
  return rows;
}

/** The last row of a client: what it did under a compiled policy. */
async function policyRow(client: (typeof POLICED)[number], machine: ClientMachine): Promise<Row> {
  const missing = mountProblem();
  const components = missing === undefined ? "refuses evil, takes acme" : `not run: ${missing}`;
  const isFailed = missing !== undefined && process.env["CI"] === "true" && process.getuid?.() === 0;
  const problem = isFailed ? missing : missing === undefined ? await policyProblem(client, machine) : undefined;
  return { client, verb: "policy compile", listed: "-", components, problem };
}

const asked = process.argv.slice(2);
const clients = (Object.keys(CLIENTS) as ClientName[]).filter((name) => asked.length === 0 || asked.includes(name));
if (!existsSync(PLUGIN)) throw new Error("dist is missing: run `npm run build` first");
const rows: Row[] = [];
for (const client of clients) {
  try {
    rows.push(...(await runClient(client)));
  } catch (error) {
    rows.push({
      client,
      verb: "-",
      listed: "-",
      components: "",
      problem: error instanceof Error ? error.message : String(error),
    });
  }
}
console.log("| client | after | lists | components | |\n| --- | --- | --- | --- | --- |");
for (const { client, verb, listed, components, problem } of rows) {
  console.log(`| ${client} ${CLIENTS[client].version} | ${verb} | ${listed} | ${components} | ${problem ?? "ok"} |`);
}
const failed = rows.filter(({ problem }) => problem !== undefined).length;
console.log(`interop: ${String(rows.length - failed)} passed, ${String(failed)} failed`);
if (failed > 0 || rows.length === 0) process.exitCode = 1;
