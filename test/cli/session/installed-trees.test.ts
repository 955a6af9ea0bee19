import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openHost } from "../../../cli/session/open-host.ts";
import { openPlugsmith } from "../../../cli/sdk.ts";
import { pluginsService } from "../../../plugin-api/services/plugins.ts";
import { processService } from "../../../plugin-api/services/processes.ts";
import { sandbox, type Sandbox } from "../sandbox.ts";

const ID = "kit@acme";

/** Installs a plugin with a program, and one entry of code, and opens a host over it. */
async function installed({ files, home }: Sandbox) {
  const plugins = [{ name: "kit", source: "./kit" }];
  files.write(
    "market/.claude-plugin/marketplace.json",
    JSON.stringify({ name: "acme", owner: { name: "t" }, plugins }),
  );
  const manifest = { name: "kit", version: "1.0.0", plugsmith: { entry: "./kit.js" } };
  files.write("market/kit/.claude-plugin/plugin.json", JSON.stringify(manifest));
  files.write("market/kit/kit.js", "export default { activate() {} };\n");
  files.write("market/kit/lib/helper.js", "export const one = 1;\n");
  const plugsmith = await openPlugsmith({ home, consent: async () => true });
  await plugsmith.addMarketplace(files.path("market"));
  await plugsmith.change(
    { scope: "user" },
    { verb: "add", requests: [{ kind: "named", name: "kit", market: "acme" }] },
  );
  await plugsmith.close();
  files.write("project/readme.txt", "");
  return openHost({
    directory: files.path("project"),
    pluginDirectories: [],
    settings: [],
    trustWorkspace: true,
    environment: { PLUGSMITH_HOME: home, HOME: files.directory, PATH: process.env["PATH"] },
    managedFiles: () => [],
  });
}

it("PS02: executes nothing of an installed plugin whose files were changed, until they are what was installed", async () => {
  using box = sandbox();
  const opened = await installed(box);
  try {
    const plugins = await opened.host.frontend.use(pluginsService);
    const processes = await opened.host.frontend.use(processService);
    const plugin = plugins.all().find((one) => one.plugin.id === ID)?.plugin;
    if (plugin === undefined) throw new Error("not installed");
    const state = () => opened.host.tree().plugins.find(({ id }) => id === ID)?.state;
    const start = () =>
      processes.start({
        plugin,
        purpose: "a test",
        command: "true",
        args: [],
        directory: "/",
        environment: { PATH: "/bin:/usr/bin" },
      });
    const file = join(plugin.directory, "lib/helper.js");
    const text = readFileSync(file, "utf8");
    chmodSync(file, 0o644);
    // As long as before: only its content tells.
    writeFileSync(file, text.replace("1", "2"));
    expect(state()?.kind).toBe("resolved");
    expect(start).toThrow(
      expect.objectContaining({
        code: "E_INTEGRITY",
        message: `\`${ID}\` is not what was installed: \`lib/helper.js\` was changed after the plugin was installed`,
        hint: expect.stringContaining("`plugin verify`") as unknown,
      }),
    );
    expect(state()).toMatchObject({
      kind: "held",
      reason: "config",
      hint: expect.stringContaining("plugin verify") as unknown,
    });
    await opened.reload();
    expect(state()?.kind).toBe("held");
    writeFileSync(file, text);
    await opened.reload();
    expect(state()?.kind).toBe("resolved");
    expect((await start().ended).code).toBe(0);
  } finally {
    await opened.close();
  }
});

it("PS02: loads no code of an installed plugin whose files were changed", async () => {
  using box = sandbox();
  const opened = await installed(box);
  try {
    const plugins = await opened.host.frontend.use(pluginsService);
    const plugin = plugins.all().find((one) => one.plugin.id === ID)?.plugin;
    const entry = join(plugin?.directory ?? "", "kit.js");
    chmodSync(entry, 0o644);
    writeFileSync(entry, "export default { activate() { throw new Error('ran'); } };\n");
    await expect(opened.host.activate(ID)).rejects.toMatchObject({ code: "E_PLUGIN_HELD" });
    expect(opened.host.tree().plugins.find(({ id }) => id === ID)?.state).toMatchObject({
      kind: "held",
      message: "`kit.js` was changed after the plugin was installed",
    });
  } finally {
    await opened.close();
  }
});
