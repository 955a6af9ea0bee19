import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { holdHome } from "../../core/platform/home-mutex.ts";
import { liveLeases, takeLease } from "../../marketplace/generations/lease.ts";
import { homeAt } from "../../marketplace/home.ts";
import { FixtureRepository } from "../support/git-repository.ts";
import { GitServer } from "../support/git-server.ts";
import { pluginHere } from "../support/in-process.ts";
import { marketFiles } from "../support/plugin-files.ts";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";

const DAY_MS = 86_400_000;
const JUMPS = [
  { jump: "back one year", ms: -365 * DAY_MS },
  { jump: "forward one day", ms: DAY_MS },
];

let place: TemporaryHome;
beforeEach(() => {
  place = temporaryHome();
});
afterEach(() => {
  vi.useRealTimers();
  place[Symbol.dispose]();
});

/** Only what the clock says; everything goes on waiting as ever. */
function jumpBy(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

it.each(JUMPS)("CR10: no lock is stolen and no lease is lost when the clock jumps $jump", async ({ ms }) => {
  const file = place.path("home/state/mutex.sqlite");
  const { signal } = new AbortController();
  const held = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const first = holdHome(file, { deadlineMs: 0, signal })(async () => {
    entered.resolve();
    await held.promise;
  });
  await entered.promise;
  using _lease = takeLease(homeAt(place.path("home")), 3);
  jumpBy(ms);
  await expect(holdHome(file, { deadlineMs: 50, signal })(() => "entered")).rejects.toMatchObject({ code: "E_LOCKED" });
  expect(liveLeases(homeAt(place.path("home")))).toEqual([{ generation: 3, pid: process.pid }]);
  held.resolve();
  await first;
  await expect(holdHome(file, { deadlineMs: 0, signal })(() => "entered")).resolves.toBe("entered");
});

it("CR10: nothing is fetched again because the clock jumped", async () => {
  const server = await GitServer.start(place.path("served"));
  try {
    const files = marketFiles({ name: "acme", plugins: { app: { version: "1.0.0" } } });
    new FixtureRepository(place.path("served/market")).commit([{ files, tags: ["app--v1.0.0"] }]);
    const at = { home: place.path("home"), cwd: place.directory };
    for (const words of [
      ["marketplace", "add", server.url("market")],
      ["add", "app@acme"],
    ])
      expect(await pluginHere(words, at)).toMatchObject({ exit: 0 });
    const before = server.requests.length;
    expect(before).toBeGreaterThan(0);
    for (const { ms } of JUMPS) {
      jumpBy(ms);
      for (const words of [["list", "--check"], ["sync"]])
        expect([words, await pluginHere(words, at)]).toMatchObject([words, { exit: 0 }]);
      vi.useRealTimers();
    }
    expect(server.requests.length).toBe(before);
  } finally {
    await server.stop();
  }
});
