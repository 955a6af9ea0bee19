/**
 * A process of the tests about secrets, in a session with a keychain: sets a secret as a person does, watches every process of
 * theirs meanwhile, loses our state, removes the plugin, and prints what came of each step.
 */
import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { documentHere, pluginHere } from "../../support/in-process.ts";
import { canary } from "../../support/canary.ts";

const PROGRAM = fileURLToPath(new URL("../../../cli/plugin.ts", import.meta.url));
const secret = canary(randomUUID());
const cwd = process.env["HOME"] ?? "";
const home = join(cwd, "plugsmith");
const at = { home, cwd };

function lookUp(): string {
  const identity = `directory:${join(cwd, "acme/plugins/notes")}`;
  const line = 'secret-tool lookup service plugsmith username "$0"';
  return spawnSync("sh", ["-c", line, `notes@acme ${identity}`], { encoding: "utf8" }).stdout.replace(secret, "CANARY");
}

async function add(): Promise<void> {
  await pluginHere(["marketplace", "add", join(cwd, "acme")], at);
  await pluginHere(["add", "notes@acme"], at);
}

/** What of all processes that can be looked into holds the secret, and whether the command itself was among them. */
function watchProcesses(): { readonly leaks: Set<string>; readonly seen: () => boolean; readonly stop: () => void } {
  const leaks = new Set<string>();
  let seen = false;
  const look = (): void => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/u.test(name))) {
      for (const name of ["cmdline", "environ"]) {
        const text = spareText(`/proc/${pid}/${name}`);
        if (text.includes(secret)) leaks.add(`${name} of ${pid}`);
        if (name === "cmdline" && text.includes("config\0set")) seen = true;
      }
    }
  };
  const timer = setInterval(look, 100);
  return { leaks, seen: () => seen, stop: () => clearInterval(timer) };
}

/** Processes end, and those of others say nothing. */
function spareText(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

async function setByProcess(): Promise<unknown> {
  const watched = watchProcesses();
  const words = ["--conditions=plugsmith-source", PROGRAM, "config", "set", "notes@acme", "token", "--stdin", "--json"];
  const child = spawn(process.execPath, words, {
    cwd,
    env: { ...process.env, PLUGSMITH_HOME: home },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stdin.end(`${secret}\n`);
  const [exit] = await once(child, "close");
  watched.stop();
  return { exit, leaks: [...watched.leaks], seen: watched.seen(), printed: printed.includes(secret) };
}

function filesWithSecret(): readonly string[] {
  return readdirSync(cwd, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(join(cwd, "data", "keyrings")))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => readFileSync(file, "latin1").includes(secret));
}

async function states(): Promise<unknown> {
  const { options } = await documentHere(["config", "list", "notes@acme"], at);
  return options;
}

/** What came of taking over the entry that a program made with keytar. */
async function setFromKeytar(): Promise<unknown> {
  const store = "cat | secret-tool store --label=app/me service app account me";
  spawnSync("sh", ["-c", store], { input: `${secret}-of-app` });
  const words = ["config", "set", "notes@acme", "token", "--from-keytar", "app/me"];
  const { outcome } = await documentHere(words, { ...at, env: sessionVariables() });
  return { outcome, kept: lookUp() };
}

/** What `secret-tool` needs to find the keychain of this session. */
function sessionVariables(): Readonly<Record<string, string>> {
  const names = ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"];
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? ""]));
}

await add();
const set = await setByProcess();
const kept = lookUp();
const files = filesWithSecret();
// The store is read-only.
spawnSync("chmod", ["-R", "u+w", home]);
rmSync(home, { recursive: true });
const keptWithoutUs = lookUp();
await add();
const listed = await states();
const imported = await setFromKeytar();
await pluginHere(["remove", "notes@acme"], at);
console.log(
  JSON.stringify({
    isRoot: process.getuid?.() === 0,
    set,
    kept,
    files,
    keptWithoutUs,
    listed,
    imported,
    left: lookUp(),
  }),
);
