import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { holdHome, networkFileSystem } from "../../../core/platform/home-mutex.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

const CONTENDER = fileURLToPath(new URL("home-mutex-contender.ts", import.meta.url));
const never = new AbortController().signal;

type Contender = ChildProcessByStdio<null, Readable, Readable>;

function contender(role: "hold" | "count", mutex: string, counter: string): Contender {
  return spawn(process.execPath, [CONTENDER, role, mutex, counter], { stdio: ["ignore", "pipe", "pipe"] });
}

async function ended(child: Contender): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const chunks: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
  await once(child, "close");
  return { code: child.exitCode, stderr: chunks.join("") };
}

describe("the mutex of a home", () => {
  it("CR11: lets sixteen processes work one after another and loses none", async () => {
    using home = temporaryHome();
    const counter = home.write("counter", "0");
    const contenders = Array.from({ length: 16 }, () => contender("count", home.path("state/mutex.sqlite"), counter));
    const results = await Promise.all(contenders.map((child) => ended(child)));
    expect(results).toEqual(results.map(() => ({ code: 0, stderr: "" })));
    expect(readFileSync(counter, "utf8")).toBe("16");
  });

  it("CR11: is free at once when its owner is killed, and names the owner until then", async () => {
    using home = temporaryHome();
    const mutex = home.path("state/mutex.sqlite");
    const owner = contender("hold", mutex, home.path("unused"));
    const exit = ended(owner);
    for await (const line of createInterface({ input: owner.stdout })) {
      if (line === "held") break;
    }
    const refused = holdHome(mutex, { deadlineMs: 0, signal: never })(() => "entered");
    await expect(refused).rejects.toMatchObject({
      code: "E_LOCKED",
      hint: expect.stringContaining(String(owner.pid)),
      data: { holder: owner.pid },
    });
    const waits: (number | undefined)[] = [];
    const entered = holdHome(mutex, { deadlineMs: 20_000, signal: never, onWait: (holder) => waits.push(holder) })(
      () => "entered",
    );
    owner.kill("SIGKILL");
    await expect(entered).resolves.toBe("entered");
    expect(waits).toEqual([owner.pid]);
    await exit;
  });

  it("is released when the work throws, and hands the error on", async () => {
    using home = temporaryHome();
    const exclusively = holdHome(home.path("mutex.sqlite"), { deadlineMs: 0, signal: never });
    await expect(exclusively(() => Promise.reject(new Error("broken work")))).rejects.toThrow("broken work");
    await expect(exclusively(() => "entered")).resolves.toBe("entered");
  });

  it("queues the calls of one process too", async () => {
    using home = temporaryHome();
    const exclusively = holdHome(home.path("mutex.sqlite"), { deadlineMs: 20_000, signal: never });
    let inside = 0;
    const seen = await Promise.all(
      Array.from({ length: 5 }, () =>
        exclusively(async () => {
          inside += 1;
          await new Promise((resolve) => setTimeout(resolve, 3));
          const now = inside;
          inside -= 1;
          return now;
        }),
      ),
    );
    expect(seen).toEqual([1, 1, 1, 1, 1]);
  });

  it("stops waiting when the signal is aborted", async () => {
    using home = temporaryHome();
    const mutex = home.path("mutex.sqlite");
    const abort = new AbortController();
    await holdHome(mutex, { deadlineMs: 0, signal: never })(async () => {
      const waiting = holdHome(mutex, { deadlineMs: 60_000, signal: abort.signal, onWait: () => abort.abort() })(
        () => "entered",
      );
      await expect(waiting).rejects.toMatchObject({ code: "E_INTERRUPTED" });
    });
  });

  it("refuses a file that is no mutex and leaves it as it is", async () => {
    using home = temporaryHome();
    const file = home.write("mutex.sqlite", "this is somebody's text ".repeat(100));
    const before = readFileSync(file, "utf8");
    await expect(holdHome(file, { deadlineMs: 0, signal: never })(() => "entered")).rejects.toMatchObject({
      code: "E_STATE_CORRUPT",
    });
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it("creates nothing but one empty file", async () => {
    using home = temporaryHome();
    await holdHome(home.path("state/mutex.sqlite"), { deadlineMs: 0, signal: never })(() =>
      writeFileSync(home.path("state/work"), ""),
    );
    expect(readFileSync(home.path("state/mutex.sqlite")).length).toBe(0);
    expect(existsSync(home.path("state/mutex.sqlite-journal"))).toBe(false);
  });

  it("CR11, CR13: knows the file systems whose locks it does not trust", () => {
    expect([0x6969, 0xff534d42, -11_317_950, 0xef53, 0x01021994, 0x794c7630].map(networkFileSystem)).toEqual([
      "nfs",
      "cifs",
      "cifs",
      undefined,
      undefined,
      undefined,
    ]);
  });
});
