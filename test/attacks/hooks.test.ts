import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { notification, toolOpinion, type GateAnswer } from "../../plugin-api/index.ts";
import { areGone } from "../core/platform/process-fixture.ts";
import { hookHost, type HookHost, type HookHostOptions } from "../support/hook-host.ts";
import { homeWithHooks, printing, programHook } from "../support/hook-plugin.ts";
import { codePlugin } from "../support/test-host.ts";
import { CANARY, canary } from "../support/canary.ts";

/** Has the hooks asked about a call of a tool. */
function ask(
  { host, session }: HookHost,
  { input = { command: "ls" }, signal }: { readonly input?: object; readonly signal?: AbortSignal } = {},
): Promise<GateAnswer> {
  const use = { session, callId: "call-1", name: "Bash", input, readOnly: false };
  return host.frontend.emit(toolOpinion, use, signal === undefined ? {} : { signal });
}

/** A host that keeps what the person is told. */
async function listening(home: Parameters<typeof hookHost>[0], options: HookHostOptions = {}) {
  const told: string[] = [];
  const person = codePlugin("person", { listens: [notification.key] }, (context) => {
    context.listen(notification, ({ message }) => void told.push(message));
  });
  return { host: await hookHost(home, { ...options, more: [person] }), told };
}

const decision = (fields: object): string =>
  printing({ hookSpecificOutput: { hookEventName: "PreToolUse", ...fields } });

describe("HK01: what a call is about reaches a hook as data", () => {
  it.each(['a";touch pwned;".ts', "$(touch pwned)", "`touch pwned`", "a\ntouch pwned\n", "-rf", "'; touch pwned; '"])(
    "%j",
    async (path) => {
      const noting = { type: "command", command: "tee", args: ["args-form", "${CLAUDE_PROJECT_DIR}"] };
      using home = homeWithHooks({ PreToolUse: [programHook("cat > shell-form"), { hooks: [noting] }] });
      await using host = await hookHost(home);
      await ask(host, { input: { file_path: path } });
      for (const file of ["shell-form", "args-form"]) {
        const heard: unknown = JSON.parse(readFileSync(home.path(file), "utf8"));
        expect(heard).toMatchObject({ tool_input: { file_path: path } });
      }
      expect(existsSync(home.path("pwned"))).toBe(false);
    },
  );
});

it.each([
  { what: "in a shell command is refused", args: undefined, ran: false },
  { what: "among arguments is one argument", args: ["noted", "${user_config.token}"], ran: true },
])("HK02: an option $what", async ({ args, ran }) => {
  const command = args === undefined ? "touch noted ${user_config.token}" : "touch";
  using home = homeWithHooks(
    { PreToolUse: [programHook(command, { args })] },
    { userConfig: { token: { type: "string", title: "t", description: "d", default: "x; touch pwned" } } },
  );
  await using host = await hookHost(home);
  expect(await ask(host)).toEqual({ decision: "pass" });
  expect([existsSync(home.path("noted")), existsSync(home.path("pwned"))]).toEqual([ran, false]);
});

it("HK03: a hook that prints without end is cut, and ends with all that it started", async () => {
  using home = homeWithHooks({ PreToolUse: [programHook("sleep 300 & echo $! > pid; yes")] });
  const { host, told } = await listening(home);
  await using _host = host;
  const before = process.memoryUsage().rss;
  expect(await ask(host)).toEqual({ decision: "pass" });
  expect(told).toEqual([expect.stringContaining("it printed more than 1000000 bytes and was ended")]);
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  expect(await areGone([Number(readFileSync(home.path("pid"), "utf8"))], 2_000)).toBe(true);
});

it("HK04: a hook that never ends, ignores signals and forks twice into a session of its own is gone at its deadline", async () => {
  // Double fork: the parent of the sleeper is gone before anybody looks, and its session is nobody's.
  const daemon = `(setsid sh -c 'trap "" TERM; echo $$ > daemon; while :; do sleep 1; done' &)`;
  const command = `trap "" TERM HUP INT; ${daemon}; echo $$ > own; while :; do sleep 1; done`;
  using home = homeWithHooks({ PreToolUse: [programHook(command, { timeout: 0.7 })] });
  const { host, told } = await listening(home);
  await using _host = host;
  expect(await ask(host)).toEqual({ decision: "pass" });
  expect(told).toEqual([expect.stringContaining("it took longer than 700 ms and was ended")]);
  const pids = ["own", "daemon"].map((file) => Number(readFileSync(home.path(file), "utf8")));
  expect(await areGone(pids, 2_000)).toBe(true);
});

it("HK04: what a hook left behind with its mark is gone with the host", async () => {
  const daemon = `(setsid sh -c 'trap "" TERM; echo $$ > daemon; exec sleep 300' < /dev/null > /dev/null 2>&1 &)`;
  using home = homeWithHooks({ PreToolUse: [programHook(`${daemon}; until [ -s daemon ]; do sleep 0.02; done`)] });
  const host = await hookHost(home);
  await ask(host);
  const left = Number(readFileSync(home.path("daemon"), "utf8"));
  expect(await areGone([left], 0)).toBe(false);
  await host[Symbol.asyncDispose]();
  expect(await areGone([left], 2_000)).toBe(true);
});

describe("HK05: a hook that", () => {
  const rows = [
    { how: "is ended by a signal", command: "kill -9 $$", says: "it was ended by SIGKILL" },
    { how: "ends with 1", command: "echo broken >&2; exit 1", says: "it ended with 1: broken" },
    { how: "prints what is no JSON", command: "echo '{not json'", says: "begins like JSON and is none" },
    { how: "answers with an unknown decision", command: decision({ permissionDecision: "maybe" }), says: '"maybe"' },
    { how: "is not there", command: "/nowhere/at/all", says: "it ended with 127" },
    { how: "comes too late", command: "sleep 20", says: "longer than 300 ms", timeout: 0.3 },
  ];
  it.each(rows)("$how gives no decision and says so, and one that is required denies", async (row) => {
    const { command, says, timeout = 20 } = row;
    for (const required of [false, true]) {
      using home = homeWithHooks({ PreToolUse: [programHook(command, { timeout, required })] });
      const { host, told } = await listening(home);
      await using _host = host;
      expect(await ask(host)).toMatchObject(
        required
          ? { decision: "deny", reason: expect.stringMatching(/^PreToolUse hook of p@inline is required and gave no/u) }
          : { decision: "pass" },
      );
      expect(told).toEqual([expect.stringContaining(says)]);
    }
  });

  it("exits with 2 denies, required or not; one that is required and has no objection does not", async () => {
    using home = homeWithHooks({ PreToolUse: [programHook("echo no >&2; exit 2"), programHook("true")] });
    await using host = await hookHost(home);
    expect(await ask(host)).toMatchObject({ decision: "deny", reason: "no" });
    using quiet = homeWithHooks({ PreToolUse: [programHook("true", { required: true })] });
    await using other = await hookHost(quiet);
    expect(await ask(other)).toEqual({ decision: "pass" });
  });
});

it("HK08: a hook whose plugin is taken away while it runs comes to its end, and a file that is gone blocks nobody", async () => {
  const command = 'touch started; until [ -e go ]; do sleep 0.02; done; exec "$CLAUDE_PLUGIN_ROOT/bin/late"';
  using home = homeWithHooks({ PreToolUse: [programHook(command)] });
  chmodSync(home.write("plugin/bin/late", "#!/bin/sh\n"), 0o755);
  const { host, told } = await listening(home);
  await using _host = host;
  const asked = ask(host);
  await expect.poll(() => existsSync(home.path("started")), { timeout: 10_000 }).toBe(true);
  rmSync(home.path("plugin"), { recursive: true });
  home.write("go", "");
  expect(await asked).toEqual({ decision: "pass" });
  expect(told).toEqual([expect.stringContaining("it ended with 127")]);
});

describe("HK11: of the person's environment a hook sees", () => {
  const CREDENTIALS = [
    "GITHUB_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "DB_PASSWORD",
    "API_KEY",
    "SSH_AUTH_SOCK",
    "COOKIE_JAR",
  ];
  const others = ["SENTRY_DSN", "MY_CREDENTIALS", "mytoken2"];
  const all = [...CREDENTIALS, ...others];

  async function seen(manifest: object): Promise<string> {
    using home = homeWithHooks({ PreToolUse: [programHook("env > seen")] }, manifest);
    const kept = { PATH: process.env["PATH"] ?? "", EDITOR: "vi", GIT_AUTHOR_NAME: "me" };
    const environment = { ...kept, ...Object.fromEntries(all.map((name) => [name, canary(name)])) };
    await using host = await hookHost(home, { environment });
    await ask(host);
    return readFileSync(home.path("seen"), "utf8");
  }

  it("no variable that looks like a credential", async () => {
    const text = await seen({});
    expect(text).toContain("EDITOR=vi\n");
    expect(text).toContain("GIT_AUTHOR_NAME=me\n");
    expect(text).not.toContain(CANARY);
  });

  it("the one that its plugin declares as a capability", async () => {
    const text = await seen({ plugsmith: { capabilities: { env: ["GITHUB_TOKEN"] } } });
    expect(text.match(new RegExp(`${CANARY}\\S+`, "gu"))).toEqual([canary("GITHUB_TOKEN")]);
  });

  it("no option of another plugin (SC03)", async () => {
    const option = { type: "string", title: "t", description: "d", sensitive: true };
    using home = homeWithHooks({ PreToolUse: [programHook("env > seen")] }, { userConfig: { mine: option } });
    const asked: string[] = [];
    const secrets = {
      get: async () => undefined,
      set: async () => undefined,
      delete: async () => false,
      option: async (id: string, key: string) => {
        asked.push(`${id} ${key}`);
        return `value of ${id} ${key}`;
      },
    };
    await using host = await hookHost(home, { secrets });
    await ask(host);
    const options = readFileSync(home.path("seen"), "utf8").match(/CLAUDE_PLUGIN_OPTION_.*/gu);
    expect(options).toEqual(["CLAUDE_PLUGIN_OPTION_MINE=value of p@inline mine"]);
    expect(asked).toEqual(["p@inline mine"]);
  });
});
