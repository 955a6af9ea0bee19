import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TemporaryHome } from "../../support/temporary-home.ts";

const CHILD = fileURLToPath(new URL("secrets-child.ts", import.meta.url));
const ORDINARY_USER = 65_534;

/** Debian packages: dbus, gnome-keyring, libsecret-tools, util-linux. */
const PROGRAMS = ["dbus-run-session", "gnome-keyring-daemon", "secret-tool", "setpriv"];

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

/** Whose session it is; that of root is the test's own. */
export type Person = "root" | "ordinary";

/** Runs words in a private session: fresh directories below `home`, a bus of its own, no display. */
export function inSession(
  home: TemporaryHome,
  keyring: Keyring,
  words: readonly string[],
  person: Person = "root",
): string {
  const runtime = home.path("run");
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  const session = keyring === "no bus" ? [] : ["dbus-run-session", "--"];
  const isOther = person === "ordinary" && process.getuid?.() === 0;
  if (isOther) spawnSync("chown", ["-R", `${ORDINARY_USER}:${ORDINARY_USER}`, home.directory]);
  const user = isOther ? ["setpriv", `--reuid=${ORDINARY_USER}`, `--regid=${ORDINARY_USER}`, "--clear-groups"] : [];
  const [program = "", ...args] = [...user, ...session, "sh", "-c", START[keyring], "sh", ...words];
  const { stdout, stderr, status } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: 100_000,
    cwd: home.directory,
    env: {
      PATH: process.env["PATH"],
      HOME: home.directory,
      XDG_RUNTIME_DIR: runtime,
      XDG_DATA_HOME: home.path("data"),
      XDG_CONFIG_HOME: home.path("config"),
      XDG_CACHE_HOME: home.path("cache"),
      NODE_DISABLE_COMPILE_CACHE: "1",
    },
  });
  if (status !== 0) throw new Error(`the session ended with ${String(status)}: ${stderr}`);
  return stdout;
}

/** One call of the secrets of a plugin, or a line for a shell. */
export type Call =
  | readonly ["get" | "delete" | "option" | "forget" | "owners", plugin: string, name: string]
  | readonly ["set" | "setOption", plugin: string, name: string, value: string]
  | readonly ["keytar", name: string]
  | readonly ["shell", line: string];

/** Calls that are made at once. */
export type Batch = readonly Call[];

/**
 * Makes the calls of batches one after the other, each with stores that know nothing of those before; every call answers with its
 * value, or with the code, message and hint of its error.
 */
export function callSecrets(
  home: TemporaryHome,
  keyring: Keyring,
  batches: readonly Batch[],
  person: Person = "root",
): readonly (readonly unknown[])[] {
  const input = home.write("calls.json", JSON.stringify(batches));
  const output = inSession(home, keyring, [process.execPath, "--conditions=source", CHILD, input], person);
  // What the child printed.
  return JSON.parse(output) as readonly (readonly unknown[])[];
}
