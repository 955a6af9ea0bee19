import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { bubblewrapBase, withProcessLimit } from "../../../core/isolate/bubblewrap.ts";
import type { IsolatedPluginOptions } from "../../../core/isolate/isolated-plugin.ts";
import type { AuditRecord } from "../../../plugin-api/service-contracts.ts";
import { CodedError } from "../../../schemas/errors.ts";
import { defineService } from "../../../plugin-api/index.ts";
import type { Capabilities } from "../../../schemas/plugsmith-extension.ts";
import { isolatedIn, machineSandbox, writeCodePlugin } from "../../support/isolated-plugin.ts";
import { testHost, type TestHost } from "../../support/test-host.ts";

/** Empty for a process that is gone. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

const service = defineService<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>("wild@test/wild");

interface Wild extends AsyncDisposable {
  readonly test: TestHost;
  readonly crashes: readonly unknown[];
}

/** A host with one plugin that misbehaves when it is asked to; `methods` is the source of an object. */
async function wild(
  methods: string,
  limits: IsolatedPluginOptions["limits"] = {},
  circuit = { crashes: 5, windowMs: 600_000, firstPauseMs: 0 },
  capabilities: Partial<Capabilities> = {},
): Promise<Wild> {
  const crashes: unknown[] = [];
  const code = `
    import { writeSync } from "node:fs";
    import { setTimeout as pause } from "node:timers/promises";
    const sent = (text) => { for (let at = 0; at < text.length;) {
      // The channel does not block: what it does not take now it takes later.
      try { at += writeSync(3, text.slice(at, at + 65536)); } catch (error) { if (error.code !== "EAGAIN") throw error; }
    } };
    export default { activate(context) {
      context.provide({ key: "wild@test/wild" }, { hello: () => "hello", ${methods} });
    } };`;
  const test = await testHost(
    (home) => [
      isolatedIn(writeCodePlugin(home, "wild", { provides: ["wild"], capabilities }, code), home, { limits }, (error) =>
        crashes.push(error),
      ),
    ],
    { circuit },
  );
  return { test, crashes, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

const deaths = [
  { name: "ends itself", methods: `run: () => process.exit(7)`, says: /ended with code 7/u },
  {
    name: "throws where nobody catches",
    methods: `run: () => new Promise(() => setTimeout(() => { throw new Error("oops"); }))`,
    says: /ended with code 1/u,
  },
  { name: "is killed by a signal of its own", methods: `run: () => process.abort()`, says: /ended with/u },
  {
    name: "fills its heap",
    methods: `run: () => { const all = []; for (;;) all.push({ a: [1, 2, 3] }); }`,
    says: /ended with/u,
  },
  {
    name: "takes a gigabyte of buffers",
    methods: `run: () => { const all = []; for (let i = 0; i < 20; i += 1) all.push(Buffer.alloc(64 * 2 ** 20, 1)); return all.length; }`,
    says: /ended with|Array buffer allocation failed|failed in service/u,
    lives: true,
  },
  { name: "sends what is no JSON", methods: `run: () => sent("garbage\\n")`, says: /no JSON/u },
  { name: "sends JSON that is no message", methods: `run: () => sent("[]\\n{}\\n")`, says: /not of the protocol/u },
  {
    name: "sends a message without an end",
    methods: `run: () => { for (;;) sent("x".repeat(2 ** 20)); }`,
    says: /too large/u,
  },
  {
    name: "sends a message that is nested too deeply",
    methods: `run: () => sent('{"jsonrpc":"2.0","method":"log","params":' + '['.repeat(5000) + ']'.repeat(5000) + '}\\n')`,
    says: /too deeply/u,
  },
  {
    name: "answers what nobody asked",
    methods: `run: () => { for (let i = 0; i < 50; i += 1) sent('{"jsonrpc":"2.0","id":' + (900 + i) + ',"result":null}\\n'); }`,
    says: /nobody asked/u,
  },
  {
    name: "floods the host with log lines",
    methods: `run: () => { for (;;) context.log.info("x"); }`,
    says: /floods|ended with/u,
  },
  {
    name: "floods the host with messages past the protocol's code",
    methods: `run: () => { for (;;) sent('{"jsonrpc":"2.0","method":"log","params":{}}\\n'.repeat(100)); }`,
    says: /floods/u,
  },
  { name: "closes the channel", methods: `run: () => process.disconnect()`, says: /ended with code 0|channel/u },
];

describe("the process of a plugin", () => {
  it.each(deaths)("ends, and not the host, when it $name", async ({ methods, says, lives }) => {
    await using host = await wild(methods);
    const { test, crashes } = host;
    const calls = await test.host.frontend.use(service);
    const results = await Promise.allSettled([calls["run"]!(), calls["run"]!()]);
    for (const result of results) {
      expect(result).toMatchObject({
        status: "rejected",
        reason: { code: "E_PLUGIN_FAILED", data: { plugin: "wild@test" } },
      });
      expect(result.status === "rejected" && result.reason).toBeInstanceOf(CodedError);
    }
    expect(String(results[0]?.status === "rejected" && results[0].reason)).toMatch(says);
    if (lives === true && crashes.length === 0) return;
    expect(crashes).toHaveLength(1);
    // It is started again when it is next needed.
    await expect.poll(() => test.host.tree().plugins[0]?.state.kind).toBe("resolved");
    const again = await test.host.frontend.use(service);
    expect(await again["hello"]!()).toBe("hello");
  });

  it("ends when it does not answer any more, and every call into it with it", async () => {
    await using host = await wild(`run: () => { for (;;); }`, { heartbeatMs: 200 });
    const calls = await host.test.host.frontend.use(service);
    await expect(calls["run"]!()).rejects.toThrow("does not answer any more");
    expect(host.crashes).toHaveLength(1);
  });

  it("keeps running when one call outlasts its budget", async () => {
    await using host = await wild(`run: () => new Promise(() => {})`, { callMs: 300 });
    const calls = await host.test.host.frontend.use(service);
    await expect(calls["run"]!()).rejects.toMatchObject({
      code: "E_TIMEOUT",
      data: { action: "service wild@test/wild.run" },
    });
    expect([await calls["hello"]!(), host.crashes]).toEqual(["hello", []]);
  });

  it("may print what it likes: the first of it is in the log, the rest is dropped", async () => {
    await using host = await wild(
      `run: async () => { for (let i = 0; i < 200; i += 1) { console.log("x".repeat(10_000)); console.error("y"); } return "done"; }`,
      { outputBytes: 20_000 },
    );
    const calls = await host.test.host.frontend.use(service);
    expect(await calls["run"]!()).toBe("done");
    await expect.poll(() => host.test.warnings.join("\n")).toContain("prints too much");
  });

  it("logs at most so many lines a second", async () => {
    await using host = await wild(`run: () => { for (let i = 0; i < 500; i += 1) context.log.warn("line " + i); }`, {
      linesPerSecond: 20,
    });
    const calls = await host.test.host.frontend.use(service);
    await calls["run"]!();
    expect(host.test.warnings).toContain("wild@test: it logs too much; lines are dropped");
    expect(host.test.warnings.length).toBeLessThan(100);
  });

  it("is ended when a message to it is not read", async () => {
    await using host = await wild(`run: () => { for (;;); }, take: () => 1`, {
      bytesPerSecond: 2 ** 20,
      heartbeatMs: 60_000,
    });
    const calls = await host.test.host.frontend.use(service);
    const busy = calls["run"]!();
    const large = Array.from({ length: 40 }, () => calls["take"]!("x".repeat(100_000)));
    const results = await Promise.allSettled([busy, ...large]);
    expect(results.every(({ status }) => status === "rejected")).toBe(true);
    expect(String(results[0]?.status === "rejected" && results[0].reason)).toContain("does not read its messages");
  });

  it("refuses a message that is too large without harm to the process", async () => {
    await using host = await wild(`size: (text) => text.length`, { messageBytes: 100_000 });
    const calls = await host.test.host.frontend.use(service);
    await expect(calls["size"]!("x".repeat(200_000))).rejects.toThrow("is too large for the process of a plugin");
    expect([await calls["size"]!("abc"), host.crashes]).toEqual([3, []]);
  });

  it("cannot register without end", async () => {
    await using host = await wild(
      `run: async () => { for (let i = 0; i < 60; i += 1) context.listen({ key: "test/x", kind: "observe" }, () => {}); await pause(300); }`,
      { registrations: 50 },
    );
    const calls = await host.test.host.frontend.use(service);
    await calls["run"]!();
    expect(host.test.warnings.join("\n")).toMatch(/registers too much|does not announce/u);
  });

  it("stays down after too many crashes, and the person reads why", async () => {
    await using host = await wild(
      `run: () => { console.error("the reason"); process.exit(3); }`,
      {},
      {
        crashes: 2,
        windowMs: 600_000,
        firstPauseMs: 0,
      },
    );
    const { test } = host;
    for (const _ of [1, 2]) {
      const calls = await test.host.frontend.use(service);
      await expect(calls["run"]!()).rejects.toMatchObject({ hint: expect.stringContaining("the reason") });
      await expect.poll(() => test.host.tree().plugins[0]?.state.kind).toMatch(/resolved|held/u);
    }
    const [node] = test.host.tree().plugins;
    expect(node?.state).toMatchObject({
      kind: "held",
      reason: "circuit",
      message: "it crashed too often, the last time with: the process of `wild@test` ended with code 3",
    });
    await expect(test.host.frontend.use(service)).rejects.toMatchObject({ code: "E_PLUGIN_HELD" });
  });

  it("takes the programs that it started with it, wherever they went", async () => {
    const seconds = `86399.${String(process.pid)}`;
    const running = () =>
      readdirSync("/proc").filter((name) => /^\d+$/u.test(name) && commandOf(name).includes(`sleep\0${seconds}`))
        .length;
    await using host = await wild(
      `run: async () => {
        const { spawn } = await import("node:child_process");
        // Each in a session of its own, its output closed.
        for (let i = 0; i < 30; i += 1) spawn("/bin/sleep", ["${seconds}"], { detached: true, stdio: "ignore" }).unref();
        await pause(200);
      }`,
      {},
      undefined,
      { exec: true },
    );
    const calls = await host.test.host.frontend.use(service);
    await calls["run"]!();
    expect(running()).toBe(30);
    await host.test.host.reload([]);
    await expect.poll(running).toBe(0);
  });

  it("cannot fork without end, unless the host is run by root", async () => {
    const sandbox = await machineSandbox();
    if (sandbox.kind !== "bubblewrap") throw new Error("the kernel counts processes inside bubblewrap only");
    const bomb = `i=0; while [ $i -lt 100 ]; do sleep 5 & i=$((i + 1)); done; echo all`;
    const limited = [...withProcessLimit(20), "/bin/sh", "-c", bomb];
    const command = [sandbox.command, ...bubblewrapBase(sandbox, { net: false, exec: true }), "--", ...limited];
    const user = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
    const [program = "", ...args] = [...user, ...command];
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect([output, errors]).toEqual(["", expect.stringContaining("Cannot fork")]);
  });

  it("that ends while it is activated fails the activation with its last words", async () => {
    await using test = await testHost((home) => [
      isolatedIn(
        writeCodePlugin(
          home,
          "wild",
          {},
          `export default { activate() { console.error("no luck"); process.exit(9); } };`,
        ),
        home,
      ),
    ]);
    await expect(test.host.activate("wild@test")).rejects.toMatchObject({
      message: expect.stringContaining("ended with code 9"),
      hint: expect.stringContaining("no luck"),
    });
  });

  it("that never answers its activation is ended with the budget", async () => {
    await using test = await testHost(
      (home) => [
        isolatedIn(
          writeCodePlugin(home, "wild", {}, `export default { activate: () => new Promise(() => {}) };`),
          home,
        ),
      ],
      { budgets: { loadMs: 5_000, activateMs: 3_000 } },
    );
    await expect(test.host.activate("wild@test")).rejects.toMatchObject({ code: "E_TIMEOUT" });
    expect(test.host.pending()).toEqual([]);
  });

  it("is not started when that cannot be recorded", async () => {
    const actions: string[] = [];
    const audit = {
      append: ({ action, subject }: AuditRecord): void => {
        actions.push(`${action} ${subject}`);
        throw new CodedError("E_IO", "the disk is full");
      },
    };
    const code = `console.error("runs"); export default { activate() { throw new Error("runs"); } };`;
    await using test = await testHost((home) => [isolatedIn(writeCodePlugin(home, "wild", {}, code), home, { audit })]);
    await expect(test.host.activate("wild@test")).rejects.toThrow("the disk is full");
    expect(actions).toEqual(["process start wild@test"]);
  });
});
