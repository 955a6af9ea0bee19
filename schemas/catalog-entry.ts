import { parseDependency } from "./dependency.ts";
import type { Diagnostic, DiagnosticCode, Severity } from "./diagnostic.ts";
import type { TextPosition } from "./text-position.ts";
import { escapeControl, nameProblem } from "./names.ts";
import type { CatalogEntry, PluginDependency } from "./plugin-manifest.ts";
import { parsePluginSource } from "./plugin-source.ts";

/** What the entries of one catalog are read in. */
export interface EntryContext {
  readonly file: string;
  readonly pluginRoot: string;
  readonly remote: boolean;
  readonly locate: (path: readonly (string | number)[]) => TextPosition;
  /** Findings are added here. */
  readonly diagnostics: Diagnostic[];
}

/** Members of an entry and the type each must have; `undefined` when any will do here and its reader judges it later. */
const MEMBERS: Readonly<Record<string, "text" | "texts" | "flag" | "object" | undefined>> = {
  name: "text",
  source: undefined,
  description: "text",
  displayName: "text",
  version: "text",
  category: "text",
  tags: "texts",
  keywords: "texts",
  strict: "flag",
  defaultEnabled: "flag",
  author: "object",
  homepage: "text",
  repository: undefined,
  license: "text",
  metadata: undefined,
  relevance: "object",
  dependencies: undefined,
  headers: "object",
  headersHelper: "text",
};

/** Members of a manifest that an entry may carry; the format readers judge them. */
const MANIFEST_MEMBERS: ReadonlySet<string> = new Set([
  "$schema",
  "skills",
  "commands",
  "agents",
  "hooks",
  "mcpServers",
  "lspServers",
  "outputStyles",
  "workflows",
  "themes",
  "monitors",
  "experimental",
  "userConfig",
  "channels",
  "settings",
  "types",
  "plugsmith",
]);

const NONE: ReadonlySet<string> = new Set();

/** Reads one element of `plugins[]`; `undefined` when it cannot be used, with the reason in the diagnostics. */
export function readCatalogEntry(raw: unknown, index: number, context: EntryContext): CatalogEntry | undefined {
  const add = (
    code: DiagnosticCode,
    severity: Severity,
    message: string,
    at: readonly (string | number)[],
    hint?: string,
  ): void => {
    const position = context.locate(["plugins", index, ...at]);
    const dropped =
      severity === "error" ? { dropped: at.length === 0 || at[0] === "dependencies" ? "plugin" : "field" } : {};
    context.diagnostics.push({ code, severity, message, file: context.file, ...position, hint, ...dropped });
  };
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    add("E_ENTRY", "error", `entry ${index} is not an object`, [], "describe the plugin with `name` and `source`");
    return undefined;
  }
  // JSON.parse made it, so the members are what Object.entries shows; a copy is not needed because nobody writes to it.
  const entry: Readonly<Record<string, unknown>> = raw as Readonly<Record<string, unknown>>;
  const name = entry["name"];
  if (typeof name !== "string") {
    add("E_ENTRY", "error", `entry ${index} has no \`name\``, [], "give the entry a name");
    return undefined;
  }
  const problem = nameProblem(name);
  if (problem !== undefined) {
    const shown = escapeControl(name.slice(0, 128));
    add("E_NAME", "error", `name \`${shown}\` of entry ${index} ${problem}`, [], "rename the plugin");
    return undefined;
  }
  if (entry["source"] === undefined) {
    add("E_ENTRY", "error", `entry \`${name}\` has no \`source\``, [], 'add e.g. `"source": "./plugins/name"`');
    return undefined;
  }
  const source = parsePluginSource(entry["source"], {
    pluginRoot: context.pluginRoot,
    remote: context.remote,
    file: context.file,
    locate: (at) => context.locate(["plugins", index, "source", ...at]),
  });
  for (const found of source.diagnostics) {
    const dropped = found.severity === "error" ? { dropped: "plugin" } : {};
    context.diagnostics.push({ ...found, message: `entry \`${name}\`: ${found.message}`, ...dropped });
  }
  if (source.spec === undefined) return undefined;
  if (source.spec.kind === "unsupported") {
    const message = `entry \`${name}\` has the source kind \`${source.spec.type}\`, which is not supported`;
    add("W_SOURCE_UNSUPPORTED", "warning", message, ["source"], "it is listed but cannot be installed");
  }
  const dependencies = readDependencies(entry["dependencies"], index, name, context, add);
  if (dependencies === undefined) return undefined;
  const bad = checkMembers(entry, name, add);
  const text = (key: string): string | undefined => (bad.has(key) ? undefined : asText(entry[key]));
  const texts = (key: string): readonly string[] => (bad.has(key) || !Array.isArray(entry[key]) ? [] : entry[key]);
  const { version, description, displayName, category } = {
    version: text("version"),
    description: text("description"),
    displayName: text("displayName"),
    category: text("category"),
  };
  return {
    name,
    source: source.spec,
    strict: bad.has("strict") ? true : entry["strict"] !== false,
    ...(version === undefined ? {} : { version }),
    ...(description === undefined ? {} : { description }),
    ...(displayName === undefined ? {} : { displayName }),
    ...(category === undefined ? {} : { category }),
    tags: texts("tags"),
    ...(typeof entry["defaultEnabled"] === "boolean" ? { defaultEnabled: entry["defaultEnabled"] } : {}),
    dependencies,
    raw: entry,
    where: { file: context.file, ...context.locate(["plugins", index]) },
  };
}

/** Names the members of a wrong type or unknown; answers those of a wrong type, which are then left out. */
function checkMembers(
  entry: Readonly<Record<string, unknown>>,
  name: string,
  add: (
    code: DiagnosticCode,
    severity: Severity,
    message: string,
    at: readonly (string | number)[],
    hint?: string,
  ) => void,
): ReadonlySet<string> {
  let bad: Set<string> | undefined;
  for (const key of Object.keys(entry)) {
    if (!Object.hasOwn(MEMBERS, key)) {
      if (!MANIFEST_MEMBERS.has(key)) {
        add(
          "W_UNKNOWN_KEY",
          "warning",
          `entry \`${name}\` has the unknown field \`${escapeControl(key.slice(0, 64))}\``,
          [key],
          "remove it",
        );
      }
      continue;
    }
    const type = MEMBERS[key];
    if (type === undefined || hasType(entry[key], type)) continue;
    bad = (bad ?? new Set()).add(key);
    const wanted = { text: "text", texts: "a list of texts", flag: "`true` or `false`", object: "an object" }[type];
    add("E_SCHEMA", "error", `\`${key}\` of entry \`${name}\` must be ${wanted}`, [key], "correct its type");
  }
  return bad ?? NONE;
}

/** A dependency that cannot be read drops the entry: forgetting it in silence would install something that does not load. */
function readDependencies(
  raw: unknown,
  index: number,
  name: string,
  context: EntryContext,
  add: (
    code: DiagnosticCode,
    severity: Severity,
    message: string,
    at: readonly (string | number)[],
    hint?: string,
  ) => void,
): readonly PluginDependency[] | undefined {
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) {
    add(
      "E_SCHEMA",
      "error",
      `\`dependencies\` of entry \`${name}\` must be a list`,
      ["dependencies"],
      'write `["name"]`',
    );
    return undefined;
  }
  const found: PluginDependency[] = [];
  let usable = true;
  for (const [position, item] of raw.entries()) {
    const spec = parseDependency(item);
    const at = ["dependencies", position];
    if ("problem" in spec) {
      const hint = 'write `"name"`, `"name@market"` or `{"name": "…", "version": "^1.0.0"}`';
      add("E_SCHEMA", "error", `dependency ${position} of entry \`${name}\` ${spec.problem}`, at, hint);
      usable = false;
    } else {
      found.push({ ...spec, where: { file: context.file, ...context.locate(["plugins", index, ...at]) } });
    }
  }
  return usable ? found : undefined;
}

function hasType(value: unknown, type: "text" | "texts" | "flag" | "object"): boolean {
  switch (type) {
    case "text":
      return typeof value === "string";
    case "texts":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "flag":
      return typeof value === "boolean";
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
  }
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
