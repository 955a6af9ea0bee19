import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { builtinBuild } from "../../../.ci/host-bundle.ts";
import { folderPlugin } from "../../../core/discover/folder-plugin.ts";
import type { HostPlugin } from "../../../core/host-plugin.ts";
import { loadInProcess } from "../../../core/load/module-loader.ts";
import { provideModules } from "../../../core/load/plugin-api-hook.ts";
import { toolPoint } from "../../../plugin-api/index.ts";
import { sampleHost, sampleTurn } from "../../support/sample-turn.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { builtinNames, builtins } from "../../support/test-host.ts";

// Makes of every built-in what its author would publish, puts it into a folder that has nothing to do with this checkout, and loads
// it from there as an installed plugin among the other built-ins; prints its state and what a turn comes to.
/** The permissions believe of nobody but a built-in that its tools only read: of a download a person allows them. */
const ASKED_FOR = ["Read", "Skill", "Agent", "LSP"];
const root = fileURLToPath(new URL("../../..", import.meta.url));
const names = builtinNames();
using downloads = temporaryHome();
await publish(downloads);
const hooks = provideModules({ "plugsmith/plugin-api": join(root, "plugin-api/index.ts") });

const probe = downloads.write("probe.mjs", 'export { toolPoint } from "plugsmith/plugin-api";');
// The file was written above.
const probed = (await import(pathToFileURL(probe).href)) as { readonly toolPoint: unknown };
console.log(JSON.stringify({ isHostsCopy: probed.toolPoint === toolPoint }));

for (const name of names) {
  await using host = await sampleHost(
    (home) => [
      ...builtins(
        names.filter((other) => other !== name),
        home,
      ),
      downloaded(name, home),
    ],
    ASKED_FOR,
  );
  const turn = await sampleTurn(host);
  const id = `${name}@elsewhere`;
  await host.host.activate(id);
  const { plugins } = host.host.tree();
  const node = plugins.find((plugin) => plugin.id === id);
  const others = plugins.filter(({ state }) => state.kind === "held" || state.kind === "failed").map((each) => each.id);
  console.log(
    JSON.stringify({ name, tier: node?.tier, state: node?.state.kind, others, warnings: host.warnings, turn }),
  );
}
hooks.dispose();

/** One file for each, with the packages that it uses in it: beside it there is nothing but its manifest. */
async function publish({ directory }: TemporaryHome): Promise<void> {
  await build({
    ...builtinBuild,
    absWorkingDir: root,
    outdir: directory,
    bundle: true,
    splitting: false,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    target: "node22",
    logLevel: "warning",
  });
  for (const name of names) {
    const manifest = join("builtin-plugins", name, ".claude-plugin");
    cpSync(join(root, manifest), join(directory, manifest), { recursive: true });
  }
}

function downloaded(name: string, home: TemporaryHome): HostPlugin {
  return folderPlugin(downloads.path("builtin-plugins", name), {
    origin: "elsewhere",
    tier: "installed",
    dataRoot: home.path("data"),
    load: ({ info, entry }) => loadInProcess(info.id, info.directory, entry),
  });
}
