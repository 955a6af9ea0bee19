import { basename, resolve } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import { readManifestHead } from "../../schemas/formats/index.ts";
import { entryNamed } from "../../schemas/marketplace.ts";
import { checkPluginName, nearest } from "../../schemas/names.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import { portablePath } from "../lock/portable-paths.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import { problemText, readableCatalogs } from "../catalog/readable-catalogs.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import type { Services } from "../services.ts";
import type { PluginRequest } from "./change.ts";
import { joinId, LOCAL_MARKET } from "./ids.ts";
import { findEntry } from "./entries.ts";
import { openFolder } from "./local-folder.ts";
import type { Addition } from "./wanted.ts";

/** What looking up the requests of `add` found out. */
export interface LookedUp {
  readonly additions: readonly Addition[];
  readonly notes: readonly string[];
}

/**
 * Turns what a person typed into ids of existing plugins.
 * Throws `E_PLUGIN_UNKNOWN`, `E_MARKETPLACE_UNKNOWN`, `E_AMBIGUOUS`, `E_NOT_FOUND`.
 */
export async function lookUp(
  requests: readonly PluginRequest[],
  intent: Intent,
  base: string,
  catalogs: Catalogs,
  services: Services,
): Promise<LookedUp> {
  const additions: Addition[] = [];
  const notes: string[] = [];
  for (const request of requests) {
    if (request.kind === "path")
      additions.push({ ...localAddition(request.path, base, services), ...switchOf(request) });
    else additions.push(await namedAddition(request, intent, catalogs, notes));
  }
  return { additions, notes };
}

function switchOf({ enabled }: PluginRequest): Pick<Addition, "enabled"> {
  return enabled === undefined ? {} : { enabled };
}

type NamedRequest = Extract<PluginRequest, { kind: "named" }>;

async function namedAddition(
  request: NamedRequest,
  intent: Intent,
  catalogs: Catalogs,
  notes: string[],
): Promise<Addition> {
  const market = request.market ?? (await marketOf(request.name, intent, catalogs, notes));
  if (!catalogs.has(market)) throw unknownMarket(market, request.name, catalogs);
  const refreshed = await catalogs.refreshForAdd(market);
  if (refreshed.note !== undefined) notes.push(refreshed.note);
  const snapshot = await catalogs.get(market);
  const found = findEntry(snapshot, request.name);
  if (found.renamedFrom !== undefined)
    notes.push(`\`${found.renamedFrom}\` is now called \`${found.entry.name}\` in \`${market}\``);
  return {
    id: joinId(found.entry.name, market),
    range: request.range,
    ...switchOf(request),
    market: { name: market, source: snapshot.market.source },
  };
}

async function marketOf(name: string, intent: Intent, catalogs: Catalogs, notes: string[]): Promise<string> {
  const installed = Object.keys(intent.plugins).filter(
    (id) => id.startsWith(`${name}@`) && !id.endsWith(`@${LOCAL_MARKET}`),
  );
  const known = catalogs.list();
  if (known.length === 0) {
    throw new CodedError("E_PLUGIN_UNKNOWN", `\`${name}\` cannot be looked up: no marketplace was added yet`, {
      hint: "add one first: `plugin marketplace add owner/repo`, a git URL, or a local directory",
    });
  }
  const { snapshots, problems } = await readableCatalogs(catalogs);
  if (snapshots.length === 0 && problems[0] !== undefined) throw problems[0];
  notes.push(...problems.map(problemText));
  const having = snapshots.filter((snapshot) => listsName(snapshot, name)).map((snapshot) => snapshot.market.name);
  const only = having[0];
  if (only !== undefined && having.length === 1) return only;
  const first = installed[0];
  if (first !== undefined && installed.length === 1) return first.slice(name.length + 1);
  if (having.length > 1) {
    throw new CodedError(
      "E_AMBIGUOUS",
      `\`${name}\` is offered by ${having.map((market) => `\`${market}\``).join(" and ")}`,
      {
        hint: `say which one: \`plugin add ${name}@${having[0] ?? ""}\``,
        data: { name, markets: having },
      },
    );
  }
  const guess = nearestId(name, snapshots);
  throw new CodedError("E_PLUGIN_UNKNOWN", `no added marketplace offers \`${name}\``, {
    hint: guess === undefined ? "`plugin search` lists what is on offer" : `did you mean \`${guess}\`?`,
    data: { name, markets: known.map((market) => market.name) },
  });
}

function listsName(snapshot: CatalogSnapshot, name: string): boolean {
  const { ambiguous, renames } = snapshot.catalog;
  return (
    entryNamed(snapshot.catalog, name) !== undefined ||
    ambiguous.some((entry) => entry.name === name) ||
    (Object.hasOwn(renames, name) && renames[name] !== null)
  );
}

function nearestId(name: string, snapshots: readonly CatalogSnapshot[]): string | undefined {
  const ids = new Map<string, string>();
  for (const snapshot of snapshots) {
    for (const entry of snapshot.catalog.entries) {
      if (!ids.has(entry.name)) ids.set(entry.name, joinId(entry.name, snapshot.market.name));
    }
  }
  const guess = nearest(name, [...ids.keys()]);
  return guess === undefined ? undefined : ids.get(guess);
}

function unknownMarket(market: string, name: string, catalogs: Catalogs): CodedError {
  const known = catalogs.list().map((other) => other.name);
  const guess = nearest(market, known);
  const hint =
    guess !== undefined
      ? `did you mean \`${name}@${guess}\`?`
      : known.length === 0
        ? "add it first: `plugin marketplace add owner/repo`, a git URL, or a local directory"
        : `\`plugin marketplace list\` shows the ones you have: ${known.join(", ")}`;
  return new CodedError("E_MARKETPLACE_UNKNOWN", `no marketplace is called \`${market}\``, { hint, data: { market } });
}

function localAddition(path: string, base: string, services: Services): Addition {
  const directory = resolve(base, path);
  const tree = openFolder(directory, services);
  if (tree === undefined) {
    throw new CodedError("E_NOT_FOUND", `\`${path}\` is not a directory`, {
      where: directory,
      hint: "name the folder that holds the plugin, e.g. `plugin add ./my-plugin`",
    });
  }
  const head = readManifestHead(tree, { fallbackName: basename(directory) });
  const isMarketplace = tree.stat(".claude-plugin/marketplace.json")?.kind === "file";
  if (isMarketplace && tree.stat(".claude-plugin/plugin.json")?.kind !== "file") {
    throw new CodedError("E_MANIFEST", `\`${path}\` is a marketplace, not a plugin`, {
      where: directory,
      hint: `add it with \`plugin marketplace add ${path}\``,
    });
  }
  checkPluginName(head.name);
  return { id: joinId(head.name, LOCAL_MARKET), range: "*", path: portablePath(directory, base) };
}
