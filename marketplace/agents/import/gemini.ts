import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../../home.ts";
import { gemini, geminiFolder } from "../gemini.ts";
import type { Machine } from "../target.ts";
import { addressSource } from "./address-source.ts";
import { folderNames, isPluginFolder } from "./folder-names.ts";
import { ForeignFiles, textAt } from "./foreign-file.ts";
import type { HeldPlugin, Holdings } from "./holding.ts";

/** What Gemini CLI has: a folder an extension, with a note of where it came from; those linked from here are left out. */
export function geminiHoldings(machine: Machine, home: Home): Holdings {
  const folder = join(geminiFolder(machine), "extensions");
  const files = new ForeignFiles();
  const plugins = folderNames(folder).flatMap((name): readonly HeldPlugin[] => {
    const extension = join(folder, name);
    const note = join(extension, ".gemini-extension-install.json");
    const install = files.json(note);
    const origin = textAt(install, "source");
    const type = textAt(install, "type");
    if (origin?.startsWith(`${home.agents}/`) === true) return [];
    const root = type === "link" && origin !== undefined ? origin : extension;
    const manifest = files.json(join(root, "gemini-extension.json"));
    const source = addressSource(origin, textAt(install, "ref"));
    return [
      {
        name,
        ...(source !== undefined && { market: { name, source } }),
        folder: root,
        isAddable: isPluginFolder(root),
        outlives: type === "link",
        version: textAt(manifest, "version"),
        where: existsSync(note) ? note : extension,
        takeAway: `gemini extensions uninstall ${name}`,
      },
    ];
  });
  return { agent: gemini.name, title: gemini.title, marketplaces: [], plugins, unplaced: files.unplaced };
}
