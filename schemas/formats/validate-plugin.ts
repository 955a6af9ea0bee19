import { escapeControl, isKebab, isVendorCatalog, isVendorPluginName, nearest } from "../names.ts";
import type { PluginManifest, SkillContribution } from "../plugin-manifest.ts";
import { readPackageLock } from "../packages/read-package-lock.ts";
import { manifestKeys } from "../shapes.ts";
import { AGENT_PLUGINS_MANIFEST } from "./agent-plugins.ts";
import { CLAUDE_MANIFEST } from "./claude-code.ts";
import type { FileTree } from "./file-tree.ts";
import { Findings } from "./findings.ts";
import { readJsonFile } from "./json-file.ts";
import { isRecord } from "../record.ts";
import type { Located } from "./json-file.ts";
import type { ReadPluginOptions } from "./read-context.ts";
import { detectFormat, readPlugin } from "./read-plugin.ts";
import type { PluginReading } from "./read-plugin.ts";
import { tolerantTree } from "./tolerant-tree.ts";
import { baseName } from "./tree-path.ts";

const STRICT_ERRORS: ReadonlySet<string> = new Set([
  "W_FIELD_MISTYPED",
  "W_FRONTMATTER_SALVAGED",
  "W_HOOKS_UNWRAPPED",
  "W_JSON_MARK",
  "W_MCP_TYPE",
  "W_MCP_URL",
  "W_MCP_WRAPPED",
  "W_PATH_PREFIX",
]);

/** How a tree is to be judged. */
export interface ValidatePluginOptions extends ReadPluginOptions {
  /** Name of the catalog that lists it: names that a vendor keeps are free in that vendor's own. */
  readonly market?: string | undefined;
}

/** The strict view for authors: every finding of `readPlugin`, the tolerated faults as errors, and advice beyond it. */
export function validatePlugin(disk: FileTree, options: ValidatePluginOptions = {}): PluginReading {
  const { manifest, diagnostics } = readPlugin(disk, options);
  // What cannot be looked at has its finding already.
  const tree = tolerantTree(disk, new Findings());
  const findings = new Findings();
  findings.include(
    diagnostics.map((found) => (STRICT_ERRORS.has(found.code) ? { ...found, severity: "error" } : found)),
  );
  const format = detectFormat(tree, options);
  const file = format === "agent-plugins" ? AGENT_PLUGINS_MANIFEST : CLAUDE_MANIFEST;
  const document = readJsonFile(tree, file, new Findings(), "plugin");
  if (document !== undefined) {
    const keys = manifestKeys(format === "agent-plugins" ? format : "claude-code");
    checkManifest(document, keys, options, findings);
  }
  if (manifest !== undefined)
    for (const contribution of manifest.contributions)
      if (contribution.kind === "skill") checkSkill(contribution, findings);
  if (manifest !== undefined) {
    checkChannels(manifest, file, findings);
    checkOptions(manifest, findings);
  }
  const packages = readPackageLock(tree);
  if (packages?.kind === "refused") findings.include([packages.problem]);
  // At the root of a marketplace the file is the repository's own.
  if (options.rootIsMarketplace !== true && tree.stat("CLAUDE.md")?.kind === "file") {
    findings.warn(
      "W_CLAUDE_MD",
      "CLAUDE.md of a plugin is never read",
      { file: "CLAUDE.md" },
      { hint: "move its text into a skill" },
    );
  }
  return { manifest, diagnostics: findings.all() };
}

function checkManifest(
  document: Located,
  keys: ReadonlySet<string>,
  options: ValidatePluginOptions,
  findings: Findings,
): void {
  const json = document.value;
  if (!isRecord(json)) return;
  for (const key of Object.keys(json)) {
    if (keys.has(key)) continue;
    const near = nearest(key, keys);
    findings.warn("W_UNKNOWN_KEY", `unknown key \`${key}\` is ignored`, document.where([key], "key"), {
      hint: near === undefined ? "remove it" : `did you mean \`${near}\``,
    });
  }
  const { name } = json;
  if (typeof name === "string") {
    const where = document.where(["name"]);
    if (isVendorPluginName(name) && !isVendorCatalog(options.market ?? ""))
      findings.error("E_NAME", `name \`${name}\` is one that another vendor's client refuses`, where, {
        hint: "choose a name of your own",
      });
    else if (!isKebab(name))
      findings.warn("W_NAME_STYLE", `name \`${name}\` is not kebab-case`, where, {
        hint: "use lower-case words joined by `-`",
      });
  }
  for (const key of ["description", "author", "version"]) {
    if (json[key] === undefined && options.entry?.raw[key] === undefined)
      findings.warn("W_FIELD_MISSING", `\`${key}\` is missing`, document.where(), { hint: `add \`${key}\`` });
  }
}

function checkSkill(skill: SkillContribution, findings: Findings): void {
  const where = { file: skill.file, line: 1, column: 1 };
  const written = skill.fields["name"];
  const name = typeof written === "string" ? written : skill.name;
  if (name.length > 64 || !isKebab(name)) {
    findings.warn("W_SKILL_NAME", `skill name \`${escapeControl(name.slice(0, 80))}\` is not portable`, where, {
      hint: "use at most 64 lower-case letters, digits and single `-`",
    });
  } else if (skill.path !== "" && name !== skill.name) {
    findings.info("I_SKILL_FOLDER", `skill \`${name}\` lies in folder \`${baseName(skill.path)}\``, where, {
      hint: `rename the folder to \`${name}\``,
    });
  }
  if (skill.description.length > 1024) {
    findings.warn(
      "W_DESCRIPTION_LONG",
      `the description has ${skill.description.length} characters; other clients read 1,024`,
      where,
      { hint: "shorten it" },
    );
  }
}

function checkChannels(manifest: PluginManifest, file: string, findings: Findings): void {
  const servers = new Set(
    manifest.contributions.flatMap((contribution) => (contribution.kind === "mcp" ? [contribution.name] : [])),
  );
  for (const { server } of manifest.channels) {
    if (!servers.has(server))
      findings.error(
        "E_SCHEMA",
        `channel names MCP server \`${server}\`, which the plugin does not have`,
        { file },
        { hint: "name one of the plugin's servers" },
      );
  }
}

/** An option that nobody declares never gets a value, so the server that wants it never starts. */
function checkOptions(manifest: PluginManifest, findings: Findings): void {
  for (const server of manifest.contributions) {
    if (server.kind !== "mcp") continue;
    for (const [, key = ""] of JSON.stringify(server.config).matchAll(/\$\{user_config\.([^}]*)\}/g)) {
      const isOfServer = !key.includes(".") || key.startsWith(`${server.name}.`);
      if (isOfServer && Object.hasOwn(manifest.userConfig, key)) continue;
      const message = `MCP server \`${server.name}\` wants option \`${escapeControl(key)}\`, which \`userConfig\` does not declare`;
      findings.error("E_SCHEMA", message, server.where, { hint: "declare it" });
    }
  }
}
