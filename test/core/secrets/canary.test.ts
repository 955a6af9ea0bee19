import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { CANARY, CANARY_FORMS, canariesBelow, canary } from "../../support/canary.ts";
import { isWrittenByTest } from "../../support/canary-places.ts";
import { pluginHere } from "../../support/in-process.ts";
import { refuseLeftBehind } from "../../support/left-behind.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

const SPELLINGS: Readonly<Record<string, string | Uint8Array>> = {
  plain: `key = "${canary()}"`,
  "Base64 without a rest": Buffer.from(`abc${canary()}`).toString("base64"),
  "Base64 of user and password": Buffer.from(`user:${canary()}`).toString("base64"),
  "Base64 with a rest of two": Buffer.from(`ab${canary()}`).toString("base64url"),
  hex: Buffer.from(canary()).toString("hex"),
  "hex in capitals": Buffer.from(canary()).toString("hex").toUpperCase(),
  "URL encoding": encodeURIComponent(`a b/${canary()}`),
  "URL encoding of every letter": CANARY_FORMS["URL encoding in capitals"] ?? "",
  tarball: gzipSync(`header ${canary()} trailer`),
  "deep in a database": Buffer.concat([Buffer.alloc(1_000_000, 7), Buffer.from(canary())]),
};

it("SC01: the canary of the tests is found in whatever spelling it comes to lie, and in names", () => {
  const home = temporaryHome();
  for (const [name, content] of Object.entries(SPELLINGS)) home.write(`planted/a/${name}`, content);
  home.write(`planted/${canary("as a name")}`, "");
  home.write("planted/clean", `${CANARY.slice(1)} ${Buffer.from("clean").toString("base64")}`);
  const found = canariesBelow(home.path("planted")).map(([file]) => file);
  expect(found.toSorted()).toEqual(
    [...Object.keys(SPELLINGS).map((name) => `a/${name}`), canary("as a name")].toSorted(),
  );
  expect(() => refuseLeftBehind(home.directory, new Set(["planted"]))).not.toThrow();
  expect(() => refuseLeftBehind(home.directory, new Set())).toThrow("planted/a/hex");
  expect(() => home[Symbol.dispose]()).toThrow("planted/a/tarball");
});

it("SC01: a place where a secret was left fails its test, which is named with the file", () => {
  const home = temporaryHome();
  home.write("home/state/log", canary());
  const taken = () => home[Symbol.dispose]();
  expect(taken).toThrow(/core\/secrets\/canary\.test\.ts`, `SC01: a place .*is left in home\/state\/log \(plain\)/u);
  // It is gone all the same.
  expect(taken).not.toThrow();
});

it("SC01: a command that prints a secret fails its test", async () => {
  using home = temporaryHome();
  const printed = pluginHere(["info", canary("word")], { home: home.directory, cwd: home.directory });
  await expect(printed).rejects.toThrow(/what `info .*` printed holds a secret/u);
});

it("only files that a test itself wrote are left out, by their test and whole path", () => {
  expect(isWrittenByTest("attacks/hooks.test.ts", "seen")).toBe(true);
  for (const [test, file] of [
    ["attacks/hooks.test.ts", "home/seen"],
    ["attacks/hooks.test.ts", "seen.old"],
    ["attacks/git.test.ts", "seen"],
  ] as const) {
    expect([test, file, isWrittenByTest(test, file)]).toEqual([test, file, false]);
  }
});
