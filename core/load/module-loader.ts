import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "../../plugin-api/plugin.ts";
import { CodedError } from "../../schemas/errors.ts";

/** Loads the entry of a plugin into this process, which trusts it as it trusts itself. Throws `E_PLUGIN_FAILED`. */
export async function loadInProcess(id: string, directory: string, entry: string): Promise<Plugin> {
  const file = join(directory, entry);
  // A module namespace can hold anything; `isPlugin` looks at what counts.
  const namespace = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  const plugin = namespace["default"];
  if (isPlugin(plugin)) return plugin;
  throw new CodedError("E_PLUGIN_FAILED", `the entry \`${entry}\` of \`${id}\` has no plugin as its default export`, {
    hint: "write `export default definePlugin({ activate(context) { … } })`",
    where: file,
  });
}

function isPlugin(value: unknown): value is Plugin {
  return typeof value === "object" && value !== null && "activate" in value && typeof value.activate === "function";
}
