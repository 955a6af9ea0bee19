import { isRecord } from "../../../schemas/record.ts";
import type { Diagnostic, DiagnosticCode } from "../../../schemas/diagnostic.ts";
import { readJson, type JsonDocument } from "../../../schemas/json-text.ts";
import type { JsonEdit } from "../../../schemas/plain-json.ts";
import type { Contribution, PluginManifest } from "../../../schemas/plugin-manifest.ts";
import { editJson } from "../../../schemas/settings-edit.ts";
import { asSeconds } from "./hook-commands.ts";
import { quoted } from "./shell-words.ts";

/** Where a value stands in a JSON document. */
type JsonPath = readonly (string | number)[];

/** What a finding of a code is cured by: changes of the value it points at; none when that is not what it expects. */
const CURES: Readonly<Partial<Record<DiagnosticCode, (value: unknown, path: JsonPath) => readonly JsonEdit[]>>> = {
  A_HOOK_UNQUOTED: (hook, path) =>
    isRecord(hook) && typeof hook["command"] === "string"
      ? [{ path: [...path, "command"], value: quoted(hook["command"]) }]
      : [],
  A_TIMEOUT_UNIT: (hook, path) =>
    isRecord(hook) && typeof hook["timeout"] === "number"
      ? [{ path: [...path, "timeout"], value: asSeconds(hook["timeout"]) }]
      : [],
  W_PATH_PREFIX: withPrefix,
  W_SOURCE_PLAIN_PATH: withPrefix,
  W_MCP_TYPE: (server, path) => (isRecord(server) ? [{ path: [...path, "type"], value: "http" }] : []),
};

function withPrefix(value: unknown, path: JsonPath): readonly JsonEdit[] {
  return typeof value === "string" && !value.startsWith("./") ? [{ path, value: `./${value}` }] : [];
}

/** A file as it becomes, and the findings that this cures. */
export interface Fix {
  /** Relative to what is validated. */
  readonly file: string;
  readonly text: string;
  /** Whether the file is new. */
  readonly created: boolean;
  readonly cured: readonly Diagnostic[];
}

/** What is known about the plugins that findings are about. */
export interface FixSurroundings {
  readonly textOf: (file: string) => string | undefined;
  readonly plugins: readonly { readonly folder: string; readonly manifest: PluginManifest }[];
}

/** Changes that cure findings without a choice that is the author's; each file once, everything else in it as it was. */
export function fixesFor(findings: readonly Diagnostic[], { textOf, plugins }: FixSurroundings): readonly Fix[] {
  const byFile = Map.groupBy(findings, ({ file }) => file);
  return [...byFile].flatMap(([file, about]) => {
    const readmes = about.flatMap((finding) =>
      finding.code === "A_README_MISSING" ? newReadme(finding, plugins) : [],
    );
    const curable = about.filter(({ code }) => CURES[code] !== undefined);
    const text = file === undefined || curable.length === 0 ? undefined : textOf(file);
    if (file === undefined || text === undefined) return readmes;
    const edited = edits(file, text, curable);
    return edited === undefined ? readmes : [...readmes, edited];
  });
}

function edits(file: string, text: string, findings: readonly Diagnostic[]): Fix | undefined {
  // Front matter is left to its author: only JSON can be changed without changing how the rest is written.
  if (!file.endsWith(".json")) return undefined;
  const document = readJson(text, { file, dangerousKeys: "drop" });
  const cured: Diagnostic[] = [];
  const changes = findings.flatMap((finding) => {
    const place = valueAt(document, finding);
    const cure = place === undefined ? [] : (CURES[finding.code]?.(place.value, place.path) ?? []);
    if (cure.length > 0) cured.push(finding);
    return cure;
  });
  if (changes.length === 0) return undefined;
  return { file, text: editJson(text, changes, file), created: false, cured };
}

/** The outermost value that starts where a finding points. */
function valueAt(
  document: JsonDocument,
  { line, column }: Diagnostic,
): { readonly path: JsonPath; readonly value: unknown } | undefined {
  const waiting: { readonly path: JsonPath; readonly value: unknown }[] = [{ path: [], value: document.value }];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { path, value } = next;
    const at = document.locate(path);
    if (at.line === line && at.column === column) return next;
    if (Array.isArray(value))
      waiting.push(...value.map((item: unknown, index) => ({ path: [...path, index], value: item })));
    else if (isRecord(value)) {
      waiting.push(...Object.entries(value).map(([key, item]) => ({ path: [...path, key], value: item })));
    }
  }
  return undefined;
}

function newReadme(finding: Diagnostic, plugins: FixSurroundings["plugins"]): readonly Fix[] {
  const owner = plugins
    .filter(({ folder }) => folder === "" || finding.file === folder || finding.file?.startsWith(`${folder}/`) === true)
    .sort((left, right) => right.folder.length - left.folder.length)[0];
  if (owner === undefined) return [];
  const file = owner.folder === "" ? "README.md" : `${owner.folder}/README.md`;
  return [{ file, text: readmeOf(owner.manifest), created: true, cured: [finding] }];
}

function readmeOf({ name, displayName, description, contributions }: PluginManifest): string {
  const lines = contributions.flatMap((contribution) => lineOf(contribution));
  const has = lines.length === 0 ? [] : ["", ...lines];
  const about = description === undefined ? [] : ["", description];
  return [`# ${displayName ?? name}`, ...about, ...has, ""].join("\n");
}

function lineOf(contribution: Contribution): readonly string[] {
  if (contribution.kind === "hook") return [`- hook on ${contribution.event}`];
  const described = "description" in contribution ? contribution.description?.split("\n", 1)[0] : undefined;
  return [`- ${contribution.kind} \`${contribution.name}\`${described === undefined ? "" : `: ${described}`}`];
}
