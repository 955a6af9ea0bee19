import { join } from "node:path";
import { isRecord } from "../../../schemas/record.ts";
import { copilot, copilotFolder } from "../copilot.ts";
import type { Machine } from "../target.ts";
import { type ForeignRecord, ForeignFiles, objectAt, textAt } from "./foreign-file.ts";
import { heldId, HeldMarkets } from "./held-markets.ts";
import type { HeldPlugin, Holdings } from "./holding.ts";

/** What Copilot CLI has: its settings, and in its older configuration the list of what it installed. */
export function copilotHoldings(machine: Machine): Holdings {
  const folder = copilotFolder(machine);
  const files = new ForeignFiles();
  const markets = new HeldMarkets(files);
  const plugins = new Map<string, HeldPlugin>();
  for (const file of [join(folder, "settings.json"), join(folder, "config.json")]) {
    const settings = files.json(file, { comments: true });
    for (const [name, value] of Object.entries(objectAt(settings, "extraKnownMarketplaces"))) {
      markets.add(name, value, file);
    }
    const enabled = objectAt(settings, "enabledPlugins");
    const installs = installsOf(settings);
    for (const id of new Set([...installs.keys(), ...Object.keys(enabled)])) {
      const parts = plugins.has(id) ? undefined : heldId(id, file, files);
      if (parts === undefined) continue;
      const install = installs.get(id) ?? {};
      const state = enabled[id] ?? install["enabled"];
      plugins.set(id, {
        name: parts.name,
        market: { name: parts.market },
        version: textAt(install, "version"),
        folder: textAt(install, "cache_path"),
        ...(typeof state === "boolean" && { enabled: state }),
        where: file,
        takeAway: `copilot plugin uninstall ${id}`,
      });
    }
  }
  return {
    agent: copilot.name,
    title: copilot.title,
    marketplaces: markets.all(),
    plugins: [...plugins.values()],
    unplaced: files.unplaced,
  };
}

function installsOf(settings: ForeignRecord): ReadonlyMap<string, ForeignRecord> {
  const lists: readonly unknown[] = [settings["installedPlugins"], settings["installed_plugins"]];
  return new Map(
    lists
      .flatMap((list): readonly unknown[] => (Array.isArray(list) ? list : []))
      .filter(isRecord)
      .flatMap((one) => {
        const [name, market] = [textAt(one, "name"), textAt(one, "marketplace")];
        // One that was installed without a marketplace has none to name.
        return name === undefined || market === undefined ? [] : [[`${name}@${market}`, one] as const];
      }),
  );
}
