import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isGithubRepo } from "../../../schemas/git-url.ts";
import { codex, codexFolder } from "../codex.ts";
import type { Machine } from "../target.ts";
import { ForeignFiles, objectAt, textAt } from "./foreign-file.ts";
import { heldId, HeldMarkets } from "./held-markets.ts";
import type { HeldPlugin, Holdings } from "./holding.ts";

/** The marketplace that it has without anybody adding it, which is in no file; what is bundled with it comes from nowhere else. */
const INCLUDED = { name: "openai-curated", source: { source: "git", url: "https://github.com/openai/plugins.git" } };

/** What Codex has: its configuration, and the versions in its cache of plugins. */
export async function codexHoldings(machine: Machine): Promise<Holdings> {
  const folder = codexFolder(machine);
  const file = join(folder, "config.toml");
  const files = new ForeignFiles();
  const config = await files.toml(file);
  const markets = new HeldMarkets(files);
  for (const name of Object.keys(objectAt(config, "marketplaces"))) {
    const entry = objectAt(config, "marketplaces", name);
    const source = textAt(entry, "source");
    const ref = textAt(entry, "ref");
    const selected = ref === undefined ? {} : { ref };
    const type = textAt(entry, "source_type");
    if (type === "local") markets.add(name, { source: "directory", path: source }, file);
    else if (type === "git" && source !== undefined && isGithubRepo(source)) {
      markets.add(name, { source: "github", repo: source, ...selected }, file);
    } else markets.add(name, { source: type, url: source, ...selected }, file);
  }
  const plugins = Object.keys(objectAt(config, "plugins")).flatMap((id): readonly HeldPlugin[] => {
    const parts = heldId(id, file, files);
    if (parts === undefined) return [];
    if (parts.market === INCLUDED.name) markets.add(INCLUDED.name, INCLUDED.source, file);
    const cache = join(folder, "plugins", "cache", parts.market, parts.name);
    const version = onlyFolder(cache);
    const enabled = objectAt(config, "plugins", id)["enabled"];
    return [
      {
        name: parts.name,
        market: { name: parts.market },
        ...(version !== undefined && { version, folder: join(cache, version) }),
        ...(typeof enabled === "boolean" && { enabled }),
        where: file,
        takeAway: `codex plugin remove ${id}`,
      },
    ];
  });
  return { agent: codex.name, title: codex.title, marketplaces: markets.all(), plugins, unplaced: files.unplaced };
}

/** The one version that is in the cache; `undefined` when that is not clear. */
function onlyFolder(directory: string): string | undefined {
  try {
    const [only, another] = readdirSync(directory);
    return another === undefined ? only : undefined;
  } catch {
    // No cache says nothing about the plugin.
    return undefined;
  }
}
