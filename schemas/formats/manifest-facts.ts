import valid from "semver/functions/valid.js";
import type { PluginJson, UserOptionJson } from "../claude-plugin.ts";
import { wantedValue } from "../option-value.ts";
import type { PluginDependency, PluginManifest, PluginFormat, Provenance, UserOption } from "../plugin-manifest.ts";
import { readDependencies } from "./dependencies.ts";
import type { FileTree } from "./file-tree.ts";
import type { Findings } from "./findings.ts";
import type { ManifestBasis } from "./manifest-basis.ts";
import { locatedAt } from "./json-file.ts";
import { readSettings } from "./plugin-settings.ts";

/** Everything of a manifest but its contributions. */
export type ManifestFacts = Omit<PluginManifest, "contributions">;

/** The part of a manifest that the solver needs. */
export interface ManifestHead {
  readonly name: string;
  readonly version?: string | undefined;
  readonly dependencies: readonly PluginDependency[];
  readonly defaultEnabled: boolean;
}

const DISPLAY_KEYS = ["displayName", "description", "author", "homepage", "repository", "license", "keywords"] as const;

/** Name, version, dependencies and initial state. */
export function readHead(basis: ManifestBasis, findings: Findings): ManifestHead {
  const { manifest, entry } = basis;
  const written = manifest?.json.version ?? entry?.json.version ?? entry?.entry.version;
  const where =
    manifest?.json.version === undefined ? (entry?.entry.where ?? basis.where) : manifest.located.where(["version"]);
  const version = written === undefined ? undefined : normalVersion(written, where, findings);
  const own = manifest === undefined ? [] : readDependencies(locatedAt(manifest.located, ["dependencies"]), findings);
  const listed = entry?.entry.dependencies ?? [];
  const keys = new Set(own.map(dependencyKey));
  return {
    name: basis.name,
    ...(version !== undefined && { version }),
    dependencies: [...own, ...listed.filter((dependency) => !keys.has(dependencyKey(dependency)))],
    defaultEnabled: entry?.entry.defaultEnabled ?? entry?.json.defaultEnabled ?? manifest?.json.defaultEnabled ?? true,
  };
}

/** All facts, merged by formats.md §2.2 and §2.5: the entry's display fields win, the file's version wins. */
export function readFacts(
  tree: FileTree,
  basis: ManifestBasis,
  format: PluginFormat,
  findings: Findings,
): ManifestFacts {
  const { manifest, entry } = basis;
  const base: Partial<PluginJson> = manifest?.json ?? entry?.json ?? {};
  const display = { ...pick(base), ...(entry === undefined ? {} : pick(entry.json)) };
  const provenance: Record<string, Provenance> = {};
  for (const key of Object.keys(base))
    if (manifest !== undefined) provenance[key] = manifest.located.where([key], "key");
  for (const key of DISPLAY_KEYS) if (entry?.json[key] !== undefined) provenance[key] = entry.entry.where;
  const { author, keywords, ...texts } = display;
  const { plugsmith } = base;
  return {
    schema: 1,
    format,
    ...readHead(basis, findings),
    ...texts,
    ...(author !== undefined && {
      author: {
        name: author.name,
        ...(author.email !== undefined && { email: author.email }),
        ...(author.url !== undefined && { url: author.url }),
      },
    }),
    keywords: keywords ?? [],
    userConfig: options(base.userConfig ?? {}, basis, ["userConfig"], findings),
    channels: (base.channels ?? []).map((channel, index) => ({
      server: channel.server,
      ...(channel.displayName !== undefined && { displayName: channel.displayName }),
      userConfig: options(channel.userConfig ?? {}, basis, ["channels", index, "userConfig"], findings),
    })),
    settings: readSettings(tree, basis, format, findings),
    ...(plugsmith !== undefined && { plugsmith }),
    provenance,
  };
}

function pick(json: Partial<PluginJson>): Pick<Partial<PluginJson>, (typeof DISPLAY_KEYS)[number]> {
  const result: Partial<Record<string, unknown>> = {};
  for (const key of DISPLAY_KEYS) if (json[key] !== undefined) result[key] = json[key];
  return result;
}

function dependencyKey(dependency: PluginDependency): string {
  return `${dependency.name}@${dependency.market ?? ""}@${dependency.range}`;
}

/** The semver form of a version, or no version at all: the written form is never used (attacks.md MF03). */
function normalVersion(written: string, where: Provenance, findings: Findings): string | undefined {
  const short = /^v?(\d{1,9})(?:\.(\d{1,9}))?$/.exec(written.trim());
  const version = short === null ? valid(written) : `${Number(short[1])}.${Number(short[2] ?? 0)}.0`;
  if (version === null) {
    findings.warn(
      "W_VERSION",
      `\`${written.slice(0, 40)}\` is not a semantic version; the plugin counts as having none`,
      where,
      { hint: "write a version such as `1.2.0`" },
    );
    return undefined;
  }
  return version;
}

function kindOf({
  type,
  multiple = false,
  options: choices,
  min,
  max,
}: UserOptionJson): Parameters<typeof wantedValue>[0] {
  return { type, multiple, options: choices, min, max };
}

function options(
  config: Readonly<Record<string, UserOptionJson>>,
  basis: ManifestBasis,
  path: readonly (string | number)[],
  findings: Findings,
): Readonly<Record<string, UserOption>> {
  const place = (key: string): Provenance => basis.manifest?.located.where([...path, key], "key") ?? basis.where;
  const upper = new Map<string, string>();
  const result: Record<string, UserOption> = {};
  for (const [key, option] of Object.entries(config)) {
    const clash = upper.get(key.toUpperCase());
    if (clash !== undefined) {
      findings.error(
        "E_MANIFEST",
        `options \`${clash}\` and \`${key}\` have the same environment variable`,
        place(key),
        { hint: "rename one of them", dropped: "option" },
      );
      continue;
    }
    upper.set(key.toUpperCase(), key);
    if (typeof option.default === "string" && option.default.includes("${")) {
      findings.warn(
        "W_PLACEHOLDER",
        `the default of option \`${key}\` is used as it is written: nothing in it is expanded`,
        place(key),
        { hint: "write the value itself" },
      );
    }
    const wanted = option.default === undefined ? undefined : wantedValue(kindOf(option), option.default);
    if (wanted !== undefined) {
      findings.warn(
        "W_OPTION_DEFAULT",
        `the default of option \`${key}\` is not used: it must be ${wanted}`,
        place(key),
        { hint: "correct the default, or leave it out" },
      );
    }
    result[key] = {
      type: option.type,
      title: option.title,
      description: option.description,
      required: option.required ?? false,
      sensitive: option.sensitive ?? false,
      multiple: option.multiple ?? false,
      ...(option.default !== undefined && { default: option.default }),
      ...(option.options !== undefined && { options: option.options }),
      ...(option.min !== undefined && { min: option.min }),
      ...(option.max !== undefined && { max: option.max }),
    };
  }
  return result;
}
