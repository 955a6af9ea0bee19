import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The code of ours that a plugin's process runs. */
export interface ChildRuntime {
  /** Absolute path of the script. */
  readonly entry: string;
  /** Absolute paths of the folders and files that it needs; a plugin can read them. */
  readonly readable: readonly string[];
  /** Absolute paths of the host's copies of modules, by the names under which plugins import them. */
  readonly modules: Readonly<Record<string, string>>;
}

/** The code that belongs to this copy of the host: a folder of its own in the bundle, the sources in a checkout. */
export function childRuntime(): ChildRuntime {
  const here = import.meta.filename;
  if (here.endsWith(".ts")) return sources(dirname(here));
  // Modules that are loaded by their first call lie in a folder of their own.
  const top = here.endsWith(".cjs") ? join(dirname(here), "..") : dirname(here);
  return bundledRuntime(join(top, "isolate"));
}

/** The code that a build put into a folder. */
export function bundledRuntime(folder: string): ChildRuntime {
  return {
    entry: join(folder, "child.mjs"),
    readable: [folder],
    modules: { "plugsmith/plugin-api": join(folder, "plugin-api.mjs") },
  };
}

function sources(folder: string): ChildRuntime {
  const root = join(folder, "../..");
  const jsonRpc = dirname(createRequire(join(folder, "child-runtime.ts")).resolve("vscode-jsonrpc/node"));
  return {
    entry: join(folder, "child/entry.ts"),
    readable: [
      folder,
      join(root, "core/load"),
      join(root, "plugin-api"),
      join(root, "schemas"),
      join(root, "package.json"),
      join(jsonRpc, "../.."),
    ],
    modules: { "plugsmith/plugin-api": join(root, "plugin-api/index.ts") },
  };
}
