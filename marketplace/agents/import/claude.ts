import { join } from "node:path";
import { isRecord } from "../../../schemas/record.ts";
import { claude, claudeFolder } from "../claude.ts";
import type { Machine } from "../target.ts";
import { type ForeignRecord, ForeignFiles, objectAt, textAt } from "./foreign-file.ts";
import { heldId, HeldMarkets } from "./held-markets.ts";
import type { HeldPlugin, Holdings } from "./holding.ts";

/**
 * What Claude Code has: settings, known marketplaces, and installs of the person; those of projects are told of. Options
 * (`pluginConfigs`) are not among it: its settings are a layer of ours, so that they count under the same id.
 */
export function claudeHoldings(machine: Machine): Holdings {
  const folder = claudeFolder(machine);
  const files = new ForeignFiles();
  const settingsFile = join(folder, "settings.json");
  const marketsFile = join(folder, "plugins", "known_marketplaces.json");
  const installedFile = join(folder, "plugins", "installed_plugins.json");
  const settings = files.json(settingsFile);
  const markets = new HeldMarkets(files);
  for (const member of ["extraKnownMarketplaces", "additionalMarketplaces"]) {
    for (const [name, value] of Object.entries(objectAt(settings, member))) markets.add(name, value, settingsFile);
  }
  for (const [name, value] of Object.entries(files.json(marketsFile))) markets.add(name, value, marketsFile);
  const enabled = objectAt(settings, "enabledPlugins");
  const installs = installsOf(files.json(installedFile), installedFile, files);
  const plugins = [...new Set([...installs.keys(), ...Object.keys(enabled)])].flatMap((id): readonly HeldPlugin[] => {
    const install = installs.get(id);
    const where = install === undefined ? settingsFile : installedFile;
    const parts = heldId(id, where, files);
    if (parts === undefined) return [];
    const state = enabled[id];
    if (install === undefined && state !== true) return [];
    return [
      {
        name: parts.name,
        market: { name: parts.market },
        folder: install && textAt(install, "installPath"),
        version: install && textAt(install, "version"),
        commit: install && textAt(install, "gitCommitSha"),
        ...(typeof state === "boolean" && { enabled: state }),
        where,
        takeAway: `claude plugin uninstall ${id}`,
      },
    ];
  });
  return { agent: claude.name, title: claude.title, marketplaces: markets.all(), plugins, unplaced: files.unplaced };
}

/** Installs of the person by id: version 1 of the file has one for each, version 2 a list with a scope each. */
function installsOf(content: ForeignRecord, file: string, files: ForeignFiles): ReadonlyMap<string, ForeignRecord> {
  const found = new Map<string, ForeignRecord>();
  const version = content["version"];
  if (version !== undefined && version !== 1 && version !== 2) {
    files.refuse("the whole file", file, `its version \`${JSON.stringify(version)}\` is not known here`);
    return found;
  }
  for (const [id, value] of Object.entries(objectAt(content, "plugins"))) {
    for (const install of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (!isRecord(install)) {
        files.refuse(`plugin ${id}`, file, "its record is no object");
        continue;
      }
      const scope = textAt(install, "scope") ?? "user";
      if (scope === "user") found.set(id, install);
      else if (heldId(id, file, files) !== undefined) {
        const project = textAt(install, "projectPath");
        files.refuse(
          `plugin ${id}`,
          file,
          project === undefined
            ? `it is installed in scope \`${scope}\``
            : `it is of the project \`${project}\`; go there and run \`plugin add ${id} --scope ${scope === "local" ? "local" : "project"}\``,
        );
      }
    }
  }
  return found;
}
