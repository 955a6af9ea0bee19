import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";
import { builtins } from "./builtin-modules.ts";
import { lazyModulesBut } from "./lazy-modules.ts";
import { readBuiltinManifests } from "../cli/session/read-builtin-manifests.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const BUILTINS = join(root, "builtin-plugins");

/** Leaves what the package has as a file of its own to that file: the command line of `plugin`, and what `plugin serve` has of the protocol's package. */
const neighbours: Plugin = {
  name: "neighbours",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/mcp-sdk\.ts$/ }, () => ({ path: "./mcp-sdk.js", external: true }));
    onResolve({ filter: /\/cli\/main\.ts$|^\.\.\/main\.ts$/ }, () => ({ path: "./main.js", external: true }));
  },
};

/** Leaves the public interface to the host, which provides it before it loads a plugin and has its own copy. */
const provided: Plugin = {
  name: "provided",
  setup({ onResolve }) {
    onResolve({ filter: /^plugsmith\/plugin-api/ }, ({ path }) => ({ path, external: true }));
  },
};

/** The host: what `plugsmith` and the SDK start, in one file; what is rarely used lies in `lazy` or in files of its own. */
export const hostBuild: Pick<BuildOptions, "entryPoints" | "plugins" | "define"> = {
  entryPoints: { session: "cli/session/entry.ts" },
  // Lazy modules are found from the file that asks for them, and this one is no CommonJS.
  define: { __filename: "import.meta.filename" },
  // What plugins need of each other is compared at every start, by `semver` as well.
  plugins: [neighbours, lazyModulesBut("schemas/version-range.ts"), builtins],
};

/** Each built-in plugin as a file beside its manifest, as any plugin lies, and the threads that it starts beside that. */
export const builtinBuild: Pick<BuildOptions, "entryPoints" | "plugins" | "chunkNames" | "splitting"> = {
  entryPoints: Object.fromEntries(
    builtinFolders().flatMap((name) =>
      readdirSync(join(BUILTINS, name))
        .filter((file) => file === "index.ts" || file.endsWith("-worker.ts"))
        .map((file) => [`builtin-plugins/${name}/${file.slice(0, -".ts".length)}`, join(BUILTINS, name, file)]),
    ),
  ),
  chunkNames: "builtin-plugins/chunks/[name]-[hash]",
  splitting: true,
  plugins: [provided, builtins],
};

/** Copies the manifests into `out`, and returns them as the host reads them. */
export function builtinManifestFile(out: string): string {
  for (const name of builtinFolders()) {
    const manifest = join(name, ".claude-plugin");
    cpSync(join(BUILTINS, manifest), join(out, "builtin-plugins", manifest), { recursive: true });
  }
  return JSON.stringify(readBuiltinManifests(BUILTINS));
}

function builtinFolders(): readonly string[] {
  return readdirSync(BUILTINS, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}
