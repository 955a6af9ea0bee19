import { spawn } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { bubblewrapBase } from "./bubblewrap.ts";
import type { Sandbox } from "./sandbox.ts";

const SEATBELT = "/usr/bin/sandbox-exec";
const PROBE_MS = 10_000;

/** Finds the sandbox at the first call; later ones get the same answer. */
export function sandboxProbe(environment: Readonly<Record<string, string>>): () => Promise<Sandbox> {
  let found: Promise<Sandbox> | undefined;
  return () => (found ??= probe(environment));
}

async function probe(environment: Readonly<Record<string, string>>): Promise<Sandbox> {
  if (process.platform === "darwin") {
    return existsSync(SEATBELT) ? { kind: "seatbelt", command: SEATBELT } : none("`sandbox-exec` is missing");
  }
  if (process.platform !== "linux") return none(`${process.platform} has no sandbox that Plugsmith knows`);
  const command = programIn(environment["PATH"] ?? "", "bwrap");
  if (command === undefined) return none("bubblewrap is not installed");
  let said = "";
  for (const closesNamespaces of [true, false]) {
    const sandbox: Sandbox = { kind: "bubblewrap", command, closesNamespaces };
    // Everything that a plugin without grants is given, with a Node that only says its version.
    const args = [...bubblewrapBase(sandbox, { net: false, exec: false }), "--", process.execPath, "--version"];
    const { works, output } = await run(command, args);
    if (works) return sandbox;
    said ||= output;
  }
  return none(`bubblewrap does not work here (${said.trim().split("\n").at(-1) ?? ""})`);
}

function none(why: string): Sandbox {
  return { kind: "none", why };
}

function programIn(path: string, name: string): string | undefined {
  for (const folder of path.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here.
    }
  }
  return undefined;
}

function run(command: string, args: readonly string[]): Promise<{ readonly works: boolean; readonly output: string }> {
  const { promise, resolve } = Promise.withResolvers<{ readonly works: boolean; readonly output: string }>();
  const child = spawn(command, args, { env: {}, stdio: ["ignore", "ignore", "pipe"], timeout: PROBE_MS });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-2_000)));
  child.once("error", (error) => resolve({ works: false, output: error.message }));
  child.once("close", (code) => resolve({ works: code === 0, output }));
  return promise;
}
