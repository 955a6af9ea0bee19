import { spawn } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ClientName } from "./clients.ts";
import type { ClientMachine } from "./probes.ts";

/** What the hook of `kit` is given, and what it must leave in the person's home. */
const HOOK_ARGUMENTS: readonly string[] = ["a b", "it's", "$HOME"];
const FILE = "fired.txt";
/** Copilot waits a minute for the server of `kit`, which never answers, before it takes the prompt. */
const DEADLINE_MS = 240_000;

/** A hook in the form without a shell, which writes down its arguments. */
export const argumentsHook: unknown = {
  type: "command",
  command: "/bin/sh",
  args: ["-c", `printf '<%s>' "$@" > "$HOME/${FILE}"`, "sh", ...HOOK_ARGUMENTS],
};

const NOWHERE = "http://127.0.0.1:9/v1";

/** How a client is brought to take a prompt without a model that answers; others do not run without an account. */
const PROMPTS: Partial<Record<ClientName, { readonly args: readonly string[]; readonly environment: object }>> = {
  codex: {
    args: [
      "exec",
      "--dangerously-bypass-hook-trust",
      "--skip-git-repo-check",
      "-c",
      'model_provider="none"',
      "-c",
      `model_providers.none={name="none",base_url="${NOWHERE}",wire_api="responses"}`,
      "hello",
    ],
    environment: {},
  },
  copilot: {
    args: ["-p", "hello", "--allow-all-tools", "--trust-folder"],
    environment: { COPILOT_OFFLINE: "true", COPILOT_PROVIDER_BASE_URL: NOWHERE, COPILOT_MODEL: "none" },
  },
};

/** Why the hook did not get its arguments; `undefined` when it did, or when the client cannot be asked. Works on a copy of the home. */
export async function hookProblem(
  client: ClientName,
  { home, environment }: ClientMachine,
): Promise<string | undefined> {
  const prompt = PROMPTS[client];
  if (prompt === undefined) return undefined;
  const copy = `${home}-prompted`;
  cpSync(home, copy, { recursive: true, verbatimSymlinks: true });
  const child = spawn(client, prompt.args, {
    cwd: copy,
    env: { ...environment, ...prompt.environment, HOME: copy },
    stdio: "ignore",
    // A group of its own: the programs that npm lays down start the real ones and leave them running.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const file = join(copy, FILE);
  for (let waited = 0; waited < DEADLINE_MS && !existsSync(file); waited += 250) await wait(250);
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  await ended;
  const found = existsSync(file) ? readFileSync(file, "utf8") : "nothing";
  const wanted = HOOK_ARGUMENTS.map((word) => `<${word}>`).join("");
  return found === wanted ? undefined : `its hook was given ${found} instead of ${wanted}`;
}
