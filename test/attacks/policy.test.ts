import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openHost } from "../../cli/session/open-host.ts";
import type { ManagedFile } from "../../core/platform/managed-files.ts";
import { promptGate } from "../../plugin-api/index.ts";
import { areGone } from "../core/platform/process-fixture.ts";
import { pluginHere } from "../support/in-process.ts";
import { MemorySession } from "../support/memory-sessions.ts";
import { marketFiles } from "../support/plugin-files.ts";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";

/** What a session is opened with under a policy that may change. */
function request(home: TemporaryHome, policy: () => object) {
  home.write("project/readme.txt", "");
  const managedFiles = (): readonly ManagedFile[] => [
    { file: "/managed.json", trusted: true, text: JSON.stringify(policy()) },
  ];
  return {
    directory: home.path("project"),
    pluginDirectories: [] as readonly string[],
    settings: [],
    trustWorkspace: true,
    environment: { PLUGSMITH_HOME: home.path("home"), HOME: home.path("home"), PATH: process.env["PATH"] },
    managedFiles,
  };
}

/** A home with `must@acme`. */
async function installed(): Promise<TemporaryHome> {
  const home = temporaryHome();
  home.write("project/readme.txt", "");
  const market = { name: "acme", plugins: { must: { version: "1.0.0" } } };
  for (const [path, text] of Object.entries(marketFiles(market))) home.write(`acme/${path}`, text);
  const at = { home: home.path("home"), cwd: home.path("project") };
  for (const words of [
    ["marketplace", "add", home.path("acme")],
    ["add", "must@acme"],
  ]) {
    expect(await pluginHere(words, at)).toMatchObject({ exit: 0 });
  }
  return home;
}

const stateOf = (opened: Awaited<ReturnType<typeof openHost>>, id: string) =>
  opened.host.tree().plugins.find((plugin) => plugin.id === id)?.state;

it("PB16: a folder of the command line stands in for an installed plugin, and never for one that policy requires", async () => {
  using home = await installed();
  home.write("mine/.claude-plugin/plugin.json", JSON.stringify({ name: "must", version: "6.6.6" }));
  home.write("mine/skills/evil/SKILL.md", "---\nname: evil\ndescription: d\n---\n");
  let policy: object = {};
  const asked = { ...request(home, () => policy), pluginDirectories: [home.path("mine")] };
  const opened = await openHost(asked);
  expect([stateOf(opened, "must@inline")?.kind, stateOf(opened, "must@acme")]).toEqual(["resolved", undefined]);
  policy = { enabledPlugins: { "must@acme": true } };
  await opened.enforce();
  expect(stateOf(opened, "must@inline")).toMatchObject({ kind: "held", reason: "policy" });
  await opened.close();
  await expect(openHost(asked)).rejects.toMatchObject({
    code: "E_SOURCE_BLOCKED",
    message: expect.stringContaining("may not stand in for `must@acme`, which policy requires") as unknown,
  });
  const without = await openHost({ ...asked, pluginDirectories: [] });
  expect(stateOf(without, "must@acme")?.kind).toBe("resolved");
  await without.close();
});

it("PB17: what was installed before the policy came is off at the next start, told, and keeps its data", async () => {
  using home = await installed();
  const data = home.write("home/data/must@acme/kept", "data");
  const before = readFileSync(home.path("home/plugins.json"), "utf8");
  let policy: object = {};
  const asked = request(home, () => policy);
  const free = await openHost(asked);
  expect(stateOf(free, "must@acme")?.kind).toBe("resolved");
  await free.close();
  policy = { strictKnownMarketplaces: [{ source: "git", url: "https://allowed.example/acme/market" }] };
  const opened = await openHost(asked);
  expect(stateOf(opened, "must@acme")).toMatchObject({
    kind: "held",
    reason: "policy",
    message: expect.stringContaining("/managed.json") as unknown,
  });
  await opened.close();
  expect([readFileSync(data, "utf8"), readFileSync(home.path("home/plugins.json"), "utf8")]).toEqual(["data", before]);
});

it("PB28: a hook that runs ends with the permission of its plugin, in the same session", async () => {
  using home = temporaryHome();
  home.write("plugin/.claude-plugin/plugin.json", JSON.stringify({ name: "given", version: "1.0.0" }));
  const command = 'sleep 300 & echo "$$ $!" > pids; wait';
  const hooks = { UserPromptSubmit: [{ hooks: [{ type: "command", command }] }] };
  home.write("plugin/hooks/hooks.json", JSON.stringify({ hooks }));
  let policy: object = {};
  const opened = await openHost({ ...request(home, () => policy), pluginDirectories: [home.path("plugin")] });
  const session = new MemorySession({ directory: home.path("project") });
  const prompt = opened.host.frontend.emit(promptGate, { session, prompt: "x" }).catch(() => undefined);
  const file = home.path("project/pids");
  await expect
    .poll(() => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"), { timeout: 15_000 })
    .toBe(true);
  const pids = readFileSync(file, "utf8").trim().split(" ").map(Number);
  expect(await areGone(pids, 0)).toBe(false);
  policy = { enabledPlugins: { given: false } };
  expect(await opened.enforce()).toBe(true);
  expect(await areGone(pids, 5_000)).toBe(true);
  await prompt;
  await opened.close();
});
