import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isolatedFiles } from "../../.ci/bundle.ts";
import { folderPlugin } from "../../core/discover/folder-plugin.ts";
import type { HostPlugin } from "../../core/host-plugin.ts";
import { bundledRuntime, type ChildRuntime } from "../../core/isolate/child-runtime.ts";
import { isolatedPlugin, type IsolatedPluginOptions } from "../../core/isolate/isolated-plugin.ts";
import { sandboxProbe } from "../../core/isolate/sandbox-probe.ts";
import { NO_CAPABILITIES, readExtension, type Capabilities } from "../../schemas/plugsmith-extension.ts";
import type { TemporaryHome } from "./temporary-home.ts";

/** The variables of this process. */
function ownEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** What this machine can do, found once per file. */
export const machineSandbox: IsolatedPluginOptions["sandbox"] = sandboxProbe(ownEnvironment());

/** The code of a plugin's process as the package has it, built once per worker; a checkout's cache, so nothing to remove. */
async function packedRuntime(): Promise<ChildRuntime> {
  const folder = join(import.meta.dirname, "../../node_modules/.cache/plugsmith-isolate");
  const { outputFiles } = await isolatedFiles(folder);
  mkdirSync(folder, { recursive: true });
  for (const { path, contents } of outputFiles) {
    // Several workers may do this at once.
    const staged = `${path}.${String(process.pid)}`;
    writeFileSync(staged, contents);
    renameSync(staged, path);
  }
  return bundledRuntime(folder);
}

let runtime: Promise<ChildRuntime> | undefined;

/** Writes a code plugin below `home` and returns its folder. */
export function writeCodePlugin(
  home: TemporaryHome,
  name: string,
  plugsmith: Readonly<Record<string, unknown>>,
  code: string,
): string {
  const manifest = { name, version: "1.0.0", plugsmith: { entry: "./index.js", ...plugsmith } };
  home.write(`plugins/${name}/.claude-plugin/plugin.json`, JSON.stringify(manifest));
  home.write(`plugins/${name}/index.js`, code);
  return home.path("plugins", name);
}

/** A plugin of a folder whose code runs in a process of its own; granted is all that it declares, unless said otherwise. */
export function isolatedIn(
  directory: string,
  home: TemporaryHome,
  more: Partial<IsolatedPluginOptions> = {},
  seen: (error: unknown) => void = () => undefined,
): HostPlugin {
  const plugin = folderPlugin(directory, {
    origin: "test",
    tier: "installed",
    dataRoot: home.path("home/data"),
    load: () => Promise.reject(new Error("not in this process")),
  });
  const { info, manifest } = plugin;
  const extension = readExtension(manifest.plugsmith, info.id).value;
  return {
    ...plugin,
    load: async (crashed) => {
      runtime ??= packedRuntime();
      return isolatedPlugin(
        {
          info,
          entry: extension.entry ?? "",
          extension,
          granted: extension.capabilities,
          environment: ownEnvironment(),
          places: {
            homeDirectory: home.directory,
            projectDirectory: home.path("project"),
            plugsmithHome: home.path("home"),
          },
          sandbox: machineSandbox,
          degraded: "refuse",
          runtime: await runtime,
          isGuardGate: (event) => event === "plugsmith/tool-permission",
          ...more,
        },
        (error) => {
          seen(error);
          crashed(error);
        },
      );
    },
  };
}

/** Some grants and no others. */
export function grants(some: Partial<Capabilities>): Capabilities {
  return { ...NO_CAPABILITIES, ...some };
}
