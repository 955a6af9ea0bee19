import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openHost } from "../../../cli/session/open-host.ts";
import { personService, type Person } from "../../../plugin-api/services/person.ts";
import type { ManagedFile } from "../../../core/platform/managed-files.ts";
import { pluginsService } from "../../../plugin-api/services/plugins.ts";
import { settingsService } from "../../../plugin-api/services/settings.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

function request(home: TemporaryHome, policy: () => object) {
  home.write("plugin/.claude-plugin/plugin.json", JSON.stringify({ name: "given", version: "1.0.0" }));
  home.write(
    "plugin/hooks/hooks.json",
    JSON.stringify({ hooks: { Stop: [{ hooks: [{ type: "command", command: "true" }] }] } }),
  );
  home.write("project/readme.txt", "");
  const managedFiles = (): readonly ManagedFile[] => [
    { file: "/managed.json", trusted: true, text: JSON.stringify(policy()) },
  ];
  return {
    directory: home.path("project"),
    pluginDirectories: [home.path("plugin")],
    settings: [],
    trustWorkspace: true,
    environment: { PLUGSMITH_HOME: home.path("home"), HOME: home.directory, PATH: process.env["PATH"] },
    managedFiles,
  };
}

it("PB28: takes out a plugin of a host that runs as soon as policy forbids it", async () => {
  using home = temporaryHome();
  let policy = {};
  const opened = await openHost(request(home, () => policy));
  try {
    const state = () => opened.host.tree().plugins.find(({ id }) => id === "given@inline")?.state;
    expect(state()?.kind).toBe("resolved");
    expect(await opened.enforce()).toBe(false);
    policy = { disableSideloadFlags: true };
    expect(await opened.enforce()).toBe(true);
    expect(state()).toMatchObject({ kind: "held", reason: "policy" });
    await expect(opened.reload()).rejects.toMatchObject({ code: "E_SOURCE_BLOCKED" });
    expect(state()).toMatchObject({ kind: "held", reason: "policy" });
  } finally {
    await opened.close();
  }
});

it("takes over what administrators set while it runs", async () => {
  using home = temporaryHome();
  let managed: object = { model: "one" };
  const opened = await openHost(request(home, () => managed));
  try {
    const settings = await opened.host.frontend.use(settingsService);
    let heard = 0;
    settings.onChange(() => void (heard += 1));
    expect(settings.get("model")).toBe("one");
    managed = { model: "two", permissions: { deny: ["Bash"] } };
    expect(await opened.enforce()).toBe(true);
    expect([heard, settings.get("model"), settings.get("permissions")]).toEqual([1, "two", { deny: ["Bash"] }]);
  } finally {
    await opened.close();
  }
});

it("PB16: takes no settings of the command line where policy forbids them, from the start or from now on", async () => {
  using home = temporaryHome();
  let managed: object = {};
  const asked = { ...request(home, () => managed), pluginDirectories: [], settings: ['{"model": "given"}'] };
  const opened = await openHost(asked);
  try {
    const settings = await opened.host.frontend.use(settingsService);
    expect(settings.get("model")).toBe("given");
    managed = { disableSideloadFlags: true };
    await opened.enforce();
    expect(settings.get("model")).toBeUndefined();
  } finally {
    await opened.close();
  }
  await expect(openHost(asked)).rejects.toMatchObject({
    code: "E_SOURCE_BLOCKED",
    message: expect.stringContaining("`--settings` is not allowed") as unknown,
    hint: "ask your administrator about `disableSideloadFlags` in /managed.json",
    where: "/managed.json:1",
  });
});

it("gives built-ins the options that settings hold for them, and says which have no effect", async () => {
  using home = temporaryHome();
  home.write("home/settings.json", configured({ maxRetries: 3, nope: 1 }));
  const opened = await openHost({ ...request(home, () => ({})), pluginDirectories: [] });
  try {
    const plugins = await opened.host.frontend.use(pluginsService);
    const options = () => plugins.all().find(({ plugin }) => plugin.id === "model-anthropic@builtin")?.options;
    expect(options()).toMatchObject({ maxRetries: 3 });
    expect(opened.diagnostics.filter(({ code }) => code === "W_SETTING").map(({ message }) => message)).toEqual([
      "option `nope` of `model-anthropic@builtin` has no effect here: the plugin declares no such option",
    ]);
    const settings = await opened.host.frontend.use(settingsService);
    settings.set("user", "pluginConfigs", { "model-anthropic@builtin": { options: { maxRetries: 4 } } });
    expect(await opened.reload()).toEqual(["model-anthropic@builtin"]);
    expect(options()).toMatchObject({ maxRetries: 4 });
  } finally {
    await opened.close();
  }
});

function configured(options: object): string {
  return JSON.stringify({ pluginConfigs: { "model-anthropic@builtin": { options } } });
}

it("loads no hook that policy switches off, from the next reload on", async () => {
  using home = temporaryHome();
  let policy = {};
  const opened = await openHost(request(home, () => policy));
  try {
    const hooks = () => opened.host.tree().plugins.find(({ id }) => id === "given@inline")?.provides["hook"] ?? 0;
    expect(hooks()).toBe(1);
    policy = { allowManagedHooksOnly: true };
    expect(await opened.enforce()).toBe(true);
    await opened.reload();
    expect(hooks()).toBe(0);
  } finally {
    await opened.close();
  }
});

it("keeps settings, and the hooks in them, that a `ConfigChange` hook blocks; policy it only hears of", async () => {
  using home = temporaryHome();
  let policy = {};
  const asked = request(home, () => policy);
  const guard = 'grep -o "[a-z]*_settings" | head -1 >> "$CLAUDE_PROJECT_DIR/heard"; exit 2';
  const group = (command: string): object => ({ hooks: [{ type: "command", command }] });
  home.write("plugin/hooks/hooks.json", JSON.stringify({ hooks: { ConfigChange: [group(guard)] } }));
  const settings = (hooks: object, more: object): string => JSON.stringify({ hooks, ...more });
  home.write("project/.plugsmith/settings.json", settings({ Stop: [group("true")] }, { language: "de" }));
  const opened = await openHost(asked);
  try {
    const heard = (): string[] =>
      existsSync(home.path("project/heard")) ? readFileSync(home.path("project/heard"), "utf8").trim().split("\n") : [];
    const ofSettings = () => opened.host.tree().plugins.find(({ id }) => id === "settings@project")?.provides["hook"];
    using _watching = opened.watch(
      () => undefined,
      () => undefined,
    );
    expect(ofSettings()).toBe(1);
    const changed = settings({ Stop: [group("true"), group("evil")] }, { language: "fr" });
    home.write("project/.plugsmith/settings.json", changed);
    await expect.poll(heard, { timeout: 10_000 }).toEqual(["project_settings"]);
    await opened.reload();
    expect(ofSettings()).toBe(1);
    policy = { disableAllHooks: false };
    expect(await opened.enforce()).toBe(true);
    await expect.poll(heard, { timeout: 10_000 }).toEqual(["project_settings", "policy_settings"]);
  } finally {
    await opened.close();
  }
});

it("leaves nothing open when it cannot be opened", async () => {
  using home = temporaryHome();
  const before = process.listenerCount("SIGUSR1");
  const asked = request(home, () => ({}));
  await expect(openHost({ ...asked, settings: ["{not json"] })).rejects.toMatchObject({ code: "E_USAGE" });
  expect(process.listenerCount("SIGUSR1")).toBe(before);
});

it("holds a plugin that would speak for the host before anything of it runs, and says where it says so", async () => {
  using home = temporaryHome();
  const asked = request(home, () => ({}));
  home.write(
    "plugin/.claude-plugin/plugin.json",
    '{\n  "name": "given",\n  "plugsmith": { "entry": "./index.js", "provides": ["plugsmith/person"] }\n}\n',
  );
  home.write("plugin/index.js", "export default { activate() {} };\n");
  const opened = await openHost(asked);
  try {
    const { missing, plugins } = opened.host.tree();
    expect(missing).toEqual([]);
    expect(plugins.find(({ id }) => id === "given@inline")?.state).toMatchObject({
      kind: "held",
      reason: "policy",
      message: expect.stringContaining("`plugsmith/person` (.claude-plugin/plugin.json:3:3)") as unknown,
    });
    const person: Person = { ask: () => Promise.resolve(undefined) };
    opened.host.frontend.provide(personService, person);
    expect(await opened.host.frontend.find(personService)).toBe(person);
  } finally {
    await opened.close();
  }
});
