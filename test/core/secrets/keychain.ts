import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TemporaryHome } from "../../support/temporary-home.ts";

const CHILD = fileURLToPath(new URL("secrets-child.ts", import.meta.url));

/** Debian packages: dbus, gnome-keyring, libsecret-tools. */
const PROGRAMS = ["dbus-run-session", "gnome-keyring-daemon", "secret-tool"];

/** Whether the keychain cannot be tested here; says why, and lets the tests fail instead where `CI` is `true`. */
export function skipsKeychain(): boolean {
  const missing = PROGRAMS.filter((name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0);
  if (missing.length === 0) return false;
  console.log(`keychain: not tested here, because \`${missing.join("`, `")}\` is not installed`);
  return process.env["CI"] !== "true";
}

/** What a machine has: an unlocked keyring, one that is locked, a bus without a keyring, no bus. */
export type Keyring = "unlocked" | "locked" | "absent" | "no bus";

const START: Readonly<Record<Keyring, string>> = {
  // An empty password would make a keyring that other programs cannot open.
  unlocked: 'printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "$@"',
  locked: 'gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1; "$@"',
  absent: '"$@"',
  "no bus": '"$@"',
};

/** Runs words in a private session: fresh directories below `home`, a bus of its own, no display. */
export function inSession(home: TemporaryHome, keyring: Keyring, words: readonly string[]): string {
  const runtime = home.path("run");
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  const session = keyring === "no bus" ? [] : ["dbus-run-session", "--"];
  const [program = "", ...args] = [...session, "sh", "-c", START[keyring], "sh", ...words];
  const { stdout, stderr, status } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: 60_000,
    env: {
      PATH: process.env["PATH"],
      HOME: home.directory,
      XDG_RUNTIME_DIR: runtime,
      XDG_DATA_HOME: home.path("data"),
      XDG_CONFIG_HOME: home.path("config"),
      XDG_CACHE_HOME: home.path("cache"),
    },
  });
  if (status !== 0) throw new Error(`the session ended with ${String(status)}: ${stderr}`);
  return stdout;
}

/** One call of the secrets of a plugin. */
export type Call =
  | readonly ["get" | "delete" | "option" | "forget" | "owners", plugin: string, name: string]
  | readonly ["set" | "setOption", plugin: string, name: string, value: string];

/** Makes calls in a process of its own; each answers with its value, or with the code, message and hint of its error. */
export function callSecrets(home: TemporaryHome, keyring: Keyring, calls: readonly Call[]): readonly unknown[] {
  const input = JSON.stringify(calls);
  const output = inSession(home, keyring, [process.execPath, "--conditions=source", CHILD, input]);
  // What the child printed.
  return JSON.parse(output) as readonly unknown[];
}
