import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { processOf } from "../../builtin-plugins/command-hooks/handlers/command.ts";
import { matcherSelects } from "../../builtin-plugins/command-hooks/matcher.ts";
import { timeoutMsOf } from "../../builtin-plugins/command-hooks/timeouts.ts";
import type { HookContribution, PluginInfo, PluginManifest, Workspace } from "../../plugin-api/index.ts";
import { readRepository } from "./repository-reading.ts";

// For every hook of every plugin of the corpus: the process and its environment are built; nothing of it is run.
const corpus = fileURLToPath(new URL("../../../shared/corpus/dev", import.meta.url));

const workspace: Workspace = {
  directory: "/project",
  projectDirectory: "/project",
  homeDirectory: "/home/person",
  plugsmithHome: "/home/person/.plugsmith",
  trusted: true,
  environment: { PATH: "/usr/bin:/bin" },
};

/** What is wrong with how a hook would run; nothing where it would run as its author wrote it. */
function problemOf(contribution: HookContribution, plugin: PluginInfo, manifest: PluginManifest): string | undefined {
  const { handler, event, matcher } = contribution;
  matcherSelects(matcher, event, ["Bash"]);
  if (!(timeoutMsOf(contribution) > 0)) return "no time limit";
  if (handler.type !== "command") return undefined;
  const options = Object.fromEntries(Object.keys(manifest.userConfig).map((key) => [key, "value"]));
  const signal = new AbortController().signal;
  const { command, args, environment } = processOf(
    { plugin, contribution },
    handler,
    { session: undefined, signal },
    workspace,
    options,
  );
  if (command === "" || args.some((argument) => typeof argument !== "string")) return "no command line";
  if (environment["CLAUDE_PLUGIN_ROOT"] !== plugin.directory) return "no root in the environment";
  const left = [command, ...args].find((text) => handler.args !== undefined && /\$\{(?:CLAUDE_)?PLUGIN_/u.test(text));
  return left === undefined ? undefined : `a placeholder is left in \`${left}\``;
}

let built = 0;
const problems: string[] = [];
const byType = new Map<string, number>();
for (const repository of existsSync(corpus) ? readdirSync(corpus) : []) {
  if (repository === "INDEX.json") continue;
  for (const { root, reading } of readRepository(corpus, repository).plugins) {
    const { manifest } = reading;
    if (manifest === undefined) continue;
    const plugin: PluginInfo = {
      id: `${manifest.name}@corpus`,
      name: manifest.name,
      version: "",
      tier: "installed",
      directory: `/store/${root}`,
      dataDirectory: "/data",
    };
    for (const contribution of manifest.contributions) {
      if (contribution.kind !== "hook") continue;
      built += 1;
      byType.set(contribution.handler.type, (byType.get(contribution.handler.type) ?? 0) + 1);
      const problem = problemOf(contribution, plugin, manifest);
      if (problem !== undefined) problems.push(`${repository} ${contribution.where.file}: ${problem}`);
    }
  }
}
if (!existsSync(corpus)) {
  console.log("hooks: corpus absent");
} else {
  for (const problem of problems) console.error(problem);
  console.log([...byType].map(([type, count]) => `${type} ${String(count)}`).join(", "));
  console.log(`hooks: ${String(built - problems.length)} passed, ${String(problems.length)} failed`);
  if (built === 0 || problems.length > 0) process.exitCode = 1;
}
