import { existsSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../../../schemas/record.ts";
import { copilot, copilotFolder } from "../copilot.ts";
import type { Machine } from "../target.ts";
import { addressSource } from "./address-source.ts";
import { isPluginFolder } from "./folder-names.ts";
import { type ForeignRecord, ForeignFiles, objectAt, textAt } from "./foreign-file.ts";
import { heldId, HeldMarkets } from "./held-markets.ts";
import type { HeldPlugin, Holdings } from "./holding.ts";

/** The marketplace that it has without anybody adding it, which is in no file. */
const INCLUDED = { name: "awesome-copilot", source: { source: "github", repo: "github/awesome-copilot" } };

/**
 * What Copilot CLI has: marketplaces and what is on in `settings.json`, the list of what it copied in `config.json`. Plugins
 * of local marketplaces are in the first alone, those without a marketplace in the second alone.
 */
export function copilotHoldings(machine: Machine): Holdings {
  const folder = copilotFolder(machine);
  const files = new ForeignFiles();
  const markets = new HeldMarkets(files);
  const [settingsFile, configFile] = [join(folder, "settings.json"), join(folder, "config.json")];
  const contents = [settingsFile, configFile].map((file) => ({ file, content: files.json(file, { comments: true }) }));
  for (const { file, content } of contents) {
    for (const [name, value] of Object.entries(objectAt(content, "extraKnownMarketplaces"))) {
      markets.add(name, value, file);
    }
  }
  const installs = contents.flatMap(({ file, content }) => installsOf(content).map((install) => ({ file, install })));
  const states = new Map(
    contents
      .toReversed()
      .flatMap(({ file, content }) =>
        Object.entries(objectAt(content, "enabledPlugins")).map(([id, state]) => [id, { file, state }] as const),
      ),
  );
  const named = new Map<string, { readonly file: string; readonly install: ForeignRecord }>(
    installs.flatMap(({ file, install }) => {
      const market = textAt(install, "marketplace");
      return market === undefined ? [] : [[`${textAt(install, "name") ?? ""}@${market}`, { file, install }] as const];
    }),
  );
  const plugins = [...new Set([...named.keys(), ...states.keys()])].flatMap((id): readonly HeldPlugin[] => {
    const found = named.get(id);
    const install = found?.install ?? {};
    const where = found?.file ?? states.get(id)?.file ?? settingsFile;
    const parts = heldId(id, where, files);
    if (parts === undefined) return [];
    if (parts.market === INCLUDED.name) markets.add(INCLUDED.name, INCLUDED, where);
    const state = states.get(id)?.state ?? install["enabled"];
    return [
      {
        name: parts.name,
        market: { name: parts.market },
        version: textAt(install, "version"),
        folder: textAt(install, "cache_path"),
        ...(typeof state === "boolean" && { enabled: state }),
        where,
        takeAway: `copilot plugin uninstall ${id}`,
      },
    ];
  });
  return {
    agent: copilot.name,
    title: copilot.title,
    marketplaces: markets.all(),
    plugins: [...plugins, ...installs.flatMap(({ file, install }) => direct(install, file))],
    unplaced: files.unplaced,
  };
}

/** One that was installed from its repository or folder, which is no marketplace unless it lists plugins itself. */
function direct(install: ForeignRecord, where: string): readonly HeldPlugin[] {
  const name = textAt(install, "name");
  if (name === undefined || textAt(install, "marketplace") !== undefined) return [];
  const origin = objectAt(install, "source");
  const source = addressSource(
    textAt(origin, "repo") ?? textAt(origin, "url") ?? textAt(origin, "path"),
    textAt(origin, "ref"),
  );
  const folder = textAt(install, "cache_path");
  return [
    {
      name,
      ...(source !== undefined && { market: { name, source } }),
      version: textAt(install, "version"),
      folder,
      isAddable: folder !== undefined && existsSync(folder) && isPluginFolder(folder),
      ...(typeof install["enabled"] === "boolean" && { enabled: install["enabled"] }),
      where,
      takeAway: `copilot plugin uninstall ${name}`,
    },
  ];
}

function installsOf(content: ForeignRecord): readonly ForeignRecord[] {
  const lists: readonly unknown[] = [content["installedPlugins"], content["installed_plugins"]];
  return lists.flatMap((list): readonly unknown[] => (Array.isArray(list) ? list : [])).filter(isRecord);
}
