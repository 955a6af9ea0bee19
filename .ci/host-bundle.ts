import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";
import { readBuiltinManifests } from "../cli/session/read-builtin-manifests.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const BUILTINS = join(root, "builtin-plugins");

/** Leaves what the package has as a file of its own to that file: the public interface, and the command line of `plugin`. */
const neighbours: Plugin = {
  name: "neighbours",
  setup({ onResolve }) {
    onResolve({ filter: /^plugsmith\/plugin-api/ }, ({ path }) => ({ path, external: true }));
    onResolve({ filter: /\/cli\/main\.ts$|^\.\.\/main\.ts$/ }, () => ({ path: "./main.js", external: true }));
  },
};

/** The host: what `plugsmith` and the SDK start, in few files; the rest is loaded when it is used. */
export const hostBuild: BuildOptions = {
  entryPoints: { session: "cli/session/main.ts", host: "cli/session/create-host.ts" },
  chunkNames: "chunks/[name]-[hash]",
  splitting: true,
  plugins: [neighbours],
};

/** Each built-in plugin as a file beside its manifest, as any plugin lies. */
export const builtinBuild: BuildOptions = {
  entryPoints: Object.fromEntries(
    builtinFolders().map((name) => [`builtin-plugins/${name}/index`, join(BUILTINS, name, "index.ts")]),
  ),
  chunkNames: "builtin-plugins/chunks/[name]-[hash]",
  splitting: true,
  plugins: [neighbours],
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
