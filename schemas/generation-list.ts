import type { Generation, GenerationPlugin } from "./generation.ts";
import { isRecord } from "./record.ts";

/** What a list of installed plugins tells about one of them. */
export type ListedPlugin = Pick<
  GenerationPlugin,
  "id" | "version" | "scope" | "enabled" | "requested" | "provides" | "dependencies" | "disabledComponents"
>;

/** A generation as far as its list tells about it. */
export interface ListedGeneration extends Pick<Generation, "number" | "createdAt"> {
  readonly roots: Readonly<Record<string, { readonly lockDigest: string; readonly plugins: readonly ListedPlugin[] }>>;
}

/** A plugin in the list; a tail of empty values is left out. */
type Row = readonly [
  id: string,
  version: string,
  scope: GenerationPlugin["scope"],
  /** 1 enabled, 2 requested, 3 both. */
  state: number,
  /** Place in `GenerationList.provides`. */
  provides: number,
  dependencies?: Readonly<Record<string, string>>,
  disabledComponents?: readonly string[],
];

/** The plugins of a generation in a tenth of its size, in the first line of its file. */
export interface GenerationList {
  /** Every different value of `provides`, which most plugins share with others. */
  readonly provides: readonly Readonly<Record<string, number>>[];
  /** By root. */
  readonly rows: Readonly<Record<string, readonly [lockDigest: string, ...Row[]]>>;
}

/** The list of a generation; a generation has exactly one. */
export function listOf(roots: Generation["roots"]): GenerationList {
  const places = new Map<string, number>();
  const provides: Readonly<Record<string, number>>[] = [];
  const placeOf = (counts: Readonly<Record<string, number>>): number => {
    const text = JSON.stringify(counts);
    const place = places.get(text) ?? provides.push(counts) - 1;
    places.set(text, place);
    return place;
  };
  const rows = Object.entries(roots).map(([root, { lockDigest, plugins }]) => [
    root,
    [lockDigest, ...plugins.map((plugin) => rowOf(plugin, placeOf(plugin.provides)))],
  ]);
  return { provides, rows: Object.fromEntries(rows) as GenerationList["rows"] };
}

function rowOf(plugin: GenerationPlugin, provides: number): Row {
  const { id, version, scope, enabled, requested, dependencies, disabledComponents } = plugin;
  const head = [id, version, scope, (enabled ? 1 : 0) + (requested ? 2 : 0), provides] as const;
  if (disabledComponents.length > 0) return [...head, dependencies, disabledComponents];
  return Object.keys(dependencies).length > 0 ? [...head, dependencies] : head;
}

/**
 * Reads the first line of a generation file, without its line end; `restBytes` is the size of what follows it. Answers
 * `undefined` for a line that is not as we write it, or that does not belong to what follows: then the whole file has to be read.
 */
export function readGenerationList(line: string, restBytes: number): ListedGeneration | undefined {
  const head = parseOrUndefined(`${line.slice(0, -1)}}`);
  if (!isRecord(head) || head["schema"] !== 1 || head["restBytes"] !== restBytes) return undefined;
  const { number, createdAt, list } = head as { readonly [key: string]: unknown };
  if (typeof number !== "number" || typeof createdAt !== "string" || !isRecord(list)) return undefined;
  const { provides, rows } = list as { readonly [key: string]: unknown };
  if (!Array.isArray(provides) || !provides.every(isRecord) || !isRecord(rows)) return undefined;
  const roots: [string, ListedGeneration["roots"][string]][] = [];
  for (const [root, closure] of Object.entries(rows)) {
    if (!Array.isArray(closure)) return undefined;
    const [lockDigest, ...found] = closure as readonly unknown[];
    const plugins = found.map((row) => pluginOf(row, provides));
    if (typeof lockDigest !== "string" || !areWhole(plugins)) return undefined;
    roots.push([root, { lockDigest, plugins }]);
  }
  return { number, createdAt, roots: Object.fromEntries(roots) };
}

const NO_DEPENDENCIES: Readonly<Record<string, string>> = {};
const NO_COMPONENTS: readonly string[] = [];

function pluginOf(row: unknown, provides: readonly unknown[]): ListedPlugin | undefined {
  if (!Array.isArray(row)) return undefined;
  const [id, version, scope, state, place, dependencies, disabledComponents] = row as readonly unknown[];
  const isPlain = typeof id === "string" && typeof version === "string" && typeof state === "number";
  if (!isPlain || (scope !== "user" && scope !== "project" && scope !== "local")) return undefined;
  const counts = provides[Number(place)];
  if (counts === undefined) return undefined;
  if (dependencies !== undefined && !isRecord(dependencies)) return undefined;
  if (disabledComponents !== undefined && !Array.isArray(disabledComponents)) return undefined;
  // The border at which our own row becomes typed; the values of the three objects are as `readGeneration` saw them.
  return {
    id,
    version,
    scope,
    enabled: (state & 1) !== 0,
    requested: (state & 2) !== 0,
    provides: counts as ListedPlugin["provides"],
    dependencies: (dependencies ?? NO_DEPENDENCIES) as ListedPlugin["dependencies"],
    disabledComponents: (disabledComponents ?? NO_COMPONENTS) as readonly string[],
  };
}

function areWhole(plugins: readonly (ListedPlugin | undefined)[]): plugins is readonly ListedPlugin[] {
  return !plugins.includes(undefined);
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
