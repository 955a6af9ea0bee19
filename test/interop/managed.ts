import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MANAGED_FILES } from "../../marketplace/agents/policy/policy-agent.ts";
import { GitServer } from "../support/git-server.ts";
import { taggedMarket } from "../support/tagged-market.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import type { ClientMachine } from "./probes.ts";

const PLUGIN = fileURLToPath(new URL("../../dist/plugin.js", import.meta.url));

/** The clients that have a managed file of their own and verbs that obey it. */
export const POLICED = ["claude", "codex", "copilot"] as const;

type Policed = (typeof POLICED)[number];

/** The verbs by which a client installs a plugin; absent where it does not ask the managed file about single plugins. */
const INSTALL: Readonly<Partial<Record<Policed, readonly string[]>>> = { claude: ["plugin", "install", "bad@acme"] };

/** Why single files cannot be laid over those of this machine. */
export function mountProblem(): string | undefined {
  const works = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;
  return works ? undefined : "mount namespaces need root and `unshare`";
}

/**
 * What the real client did under the file that `plugin policy compile` wrote, with the file where the client looks for it:
 * a marketplace that policy refuses must be refused, and one that it admits must be taken. Answers what went otherwise.
 */
export async function policyProblem(client: Policed, { environment }: ClientMachine): Promise<string | undefined> {
  using place = temporaryHome();
  const served = place.path("served");
  mkdirSync(served);
  for (const name of ["acme", "evil"])
    taggedMarket(name, join(served, `${name}.git`)).release({ tool: { version: "1.0.0" }, bad: { version: "1.0.0" } });
  const server = await GitServer.start(served);
  try {
    const url = (name: string): string => server.url(`${name}.git`);
    const policy = {
      strictKnownMarketplaces: [{ source: "git", url: url("acme") }],
      enabledPlugins: { "bad@acme": false },
    };
    writeFileSync(place.path("managed.json"), JSON.stringify(policy));
    const etc = place.path("etc");
    mkdirSync(etc);
    cpSync("/etc/passwd", join(etc, "passwd"));
    const file = join(place.path("."), MANAGED_FILES[client].places.linux);
    const words = ["policy", "compile", "--for", client, "--policy", place.path("managed.json"), "--out", file];
    const compiled = spawnSync(process.execPath, [PLUGIN, ...words], { env: environment, encoding: "utf8" });
    if (compiled.status !== 0) return `not compiled: ${compiled.stderr}`;
    const ask = (...asked: readonly string[]): Promise<Answer> => under(etc, client, asked, environment);
    const refused = await ask("plugin", "marketplace", "add", url("evil"));
    if (refused.exit === 0 || !/policy|not allowed|blocked/u.test(refused.text)) return `took evil: ${refused.text}`;
    const taken = await ask("plugin", "marketplace", "add", url("acme"));
    if (taken.exit !== 0) return `did not take acme: ${taken.text}`;
    const install = INSTALL[client];
    const installed = install === undefined ? undefined : await ask(...install);
    return installed?.exit === 0 ? `installed what is blocked: ${installed.text}` : undefined;
  } finally {
    await server.stop();
  }
}

interface Answer {
  readonly exit: number;
  readonly text: string;
}

/** Runs a client with a folder mounted over `/etc`. */
function under(etc: string, client: string, words: readonly string[], environment: NodeJS.ProcessEnv): Promise<Answer> {
  const script = 'mount --make-rprivate / && mount --bind "$0" /etc && exec "$@"';
  const child = spawn("unshare", ["--mount", "sh", "-c", script, etc, client, ...words], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 120_000,
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit) => resolve({ exit: exit ?? 128, text }));
  });
}
