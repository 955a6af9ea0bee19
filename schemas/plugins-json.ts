import { readJson } from "./json-text.ts";
import { marketplaceSourceToJson, parseMarketplaceSource } from "./marketplace-source.ts";
import { marketplaceNameProblem, parsePluginId } from "./names.ts";
import { ObjectReader } from "./object-reader.ts";
import type { MarketplaceSource } from "./source-spec.ts";

/** One wanted plugin. `range` is a node-semver range, `*` when the person named none. */
export interface IntentPlugin {
  readonly range: string;
  readonly enabled: boolean;
  /** Only for ids of the pseudo-marketplace `local`: the directory, as written. */
  readonly path?: string | undefined;
}

/** `plugins.json` (and `.plugsmith/local.json`): what people wrote, ranges and all. */
export interface Intent {
  readonly schema: 1;
  readonly marketplaces: Readonly<Record<string, MarketplaceSource>>;
  /** Plugin id `name@market` → what is wanted. */
  readonly plugins: Readonly<Record<string, IntentPlugin>>;
  /** Plugin id → range that replaces every range on that plugin. */
  readonly overrides: Readonly<Record<string, string>>;
  /** Plugin id → switched-off components, e.g. `mcp/server`, `skill/name`, `hook/PreToolUse`. */
  readonly disabledComponents: Readonly<Record<string, readonly string[]>>;
}

/** An intent that wants nothing. */
export const EMPTY_INTENT: Intent = { schema: 1, marketplaces: {}, plugins: {}, overrides: {}, disabledComponents: {} };

const MAX_RANGE_LENGTH = 256;

/**
 * Reads a `plugins.json`; comments that people put into it are allowed, unknown fields are left alone. Ranges are not parsed.
 * Throws `E_JSON`, `E_SCHEMA`, `E_SCHEMA_NEWER`, `E_LIMIT_*`, and the codes of the source checks, each with its position.
 */
export function readIntent(text: string, file: string): Intent {
  const json = readJson(text, { file, dangerousKeys: "refuse", comments: true, maxBytes: 8_000_000 });
  const hint = "correct the file at that place";
  const root = new ObjectReader({ json, file, code: "E_SCHEMA", hint }, json.value);
  root.schema(1);
  return {
    schema: 1,
    marketplaces: root.map("marketplaces", (all, name) => {
      const problem = marketplaceNameProblem(name);
      if (problem !== undefined) throw all.fail(name, problem);
      return all.checked(name, () => parseMarketplaceSource(all.raw(name)));
    }),
    plugins: root.map("plugins", readPlugin),
    overrides: root.map("overrides", (all, id) => {
      checkId(all, id);
      return checkRange(all, id, all.text(id));
    }),
    disabledComponents: root.map("disabledComponents", (all, id) => {
      checkId(all, id);
      return all.texts(id);
    }),
  };
}

/** Text of an intent: keys sorted, shortest form of each plugin, equal for equal intents. */
export function writeIntent(intent: Intent): string {
  const { marketplaces, plugins, overrides, disabledComponents } = intent;
  const json = {
    schema: 1,
    marketplaces: sorted(marketplaces, marketplaceSourceToJson),
    plugins: sorted(plugins, intentPluginToJson),
    ...(isEmpty(overrides) ? {} : { overrides: sorted(overrides, (range) => range) }),
    ...(isEmpty(disabledComponents)
      ? {}
      : { disabledComponents: sorted(disabledComponents, (names) => [...names].sort()) }),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** The shortest form of a wanted plugin: its range alone when there is nothing else to say. */
export function intentPluginToJson(plugin: IntentPlugin): string | Readonly<Record<string, string | boolean>> {
  const { range, enabled, path } = plugin;
  if (enabled && path === undefined) return range;
  return {
    ...(path === undefined ? {} : { path }),
    ...(path !== undefined && range === "*" ? {} : { version: range }),
    ...(enabled ? {} : { enabled }),
  };
}

function readPlugin(all: ObjectReader, id: string): IntentPlugin {
  checkId(all, id);
  const isLocal = parsePluginId(id)?.market === "local";
  if (typeof all.raw(id) === "string" && !isLocal) return { range: checkRange(all, id, all.text(id)), enabled: true };
  const members = all.object(id);
  const range = members.optionalText("version");
  const path = members.optionalText("path");
  if (path !== undefined && !isLocal) throw members.fail("path", "is only for plugins of the marketplace `local`");
  if (path === undefined && isLocal) throw all.fail(id, "needs a `path`, because its marketplace is `local`");
  return {
    range: range === undefined ? "*" : checkRange(members, "version", range),
    enabled: members.flag("enabled", true),
    ...(path === undefined ? {} : { path }),
  };
}

function checkId(all: ObjectReader, id: string): void {
  if (parsePluginId(id) === undefined) throw all.fail(id, "is no plugin id `name@marketplace`");
}

function checkRange(members: ObjectReader, key: string, range: string): string {
  if (range.length > MAX_RANGE_LENGTH)
    throw members.fail(key, `has a range of more than ${MAX_RANGE_LENGTH} characters`);
  return range.trim() === "" ? "*" : range;
}

function isEmpty(map: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(map).length === 0;
}

function sorted<T, R>(map: Readonly<Record<string, T>>, write: (value: T) => R): Record<string, R> {
  const keys = Object.keys(map).sort();
  return Object.fromEntries(keys.flatMap((key) => (map[key] === undefined ? [] : [[key, write(map[key])]])));
}
