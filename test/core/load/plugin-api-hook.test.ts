import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { temporaryHome } from "../../support/temporary-home.ts";

const root = new URL("../../../", import.meta.url);

/** A process of its own: the tests' own loader finds the name everywhere. */
const script = (folder: string, provide: boolean): string => `
  const { provideModules } = await import(${JSON.stringify(new URL("core/load/plugin-api-hook.ts", root).href)});
  const { loadInProcess } = await import(${JSON.stringify(new URL("core/load/module-loader.ts", root).href)});
  const api = ${JSON.stringify(new URL("plugin-api/index.ts", root).pathname)};
  if (${String(provide)}) provideModules({ "plugsmith/plugin-api": api });
  const plugin = await loadInProcess("far@test", ${JSON.stringify(folder)}, "./index.mjs").catch((error) => error.code);
  console.log(typeof plugin === "string" ? plugin : typeof plugin.activate);`;

describe("the host's copy of the plugin interface", () => {
  it.each([
    { name: "is found from a folder that has nothing to do with the host", provide: true, says: "function" },
    { name: "is not found there by itself", provide: false, says: "ERR_MODULE_NOT_FOUND" },
  ])("$name", async ({ provide, says }) => {
    using home = temporaryHome();
    home.write(
      "far/index.mjs",
      `import { definePlugin } from "plugsmith/plugin-api"; export default definePlugin({ activate() {} });`,
    );
    const child = spawn(process.execPath, ["--input-type=module", "-e", script(home.path("far"), provide)], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {},
    });
    expect((await text(child.stdout)).trim()).toBe(says);
  });
});
