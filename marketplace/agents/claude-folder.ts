import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type {
  AgentContribution,
  CommandContribution,
  Contribution,
  HookContribution,
  HookHandler,
  LspContribution,
  McpContribution,
  SkillContribution,
  UserOption,
} from "../../schemas/plugin-manifest.ts";
import { quotedWord } from "../../schemas/shell-word.ts";
import { hookCommand } from "./hook-command.ts";
import { placed, placedValue, plainOption } from "./placeholders.ts";
import type { PlacedFile } from "./placement.ts";
import type { AgentPlugin } from "./target.ts";

/** Members of a canonical manifest that every agent's manifest has under the same name. */
export function manifestFacts({ manifest, name, version }: AgentPlugin): Readonly<Record<string, unknown>> {
  const { description, author, homepage, repository, license, keywords } = manifest;
  return {
    name,
    version,
    description: description ?? `the plugin ${name}`,
    ...(author !== undefined && { author }),
    ...(homepage !== undefined && { homepage }),
    ...(repository !== undefined && { repository }),
    ...(license !== undefined && { license }),
    ...(keywords.length > 0 && { keywords }),
  };
}

/** The contributions of one kind. */
export function ofKind<K extends Contribution["kind"]>(
  plugin: AgentPlugin,
  kind: K,
): readonly Extract<Contribution, { kind: K }>[] {
  return plugin.contributions.filter((one): one is Extract<Contribution, { kind: K }> => one.kind === kind);
}

/** A JSON file of a placed folder. */
export function jsonFile(path: string, value: unknown): PlacedFile {
  return { path, content: { text: `${JSON.stringify(value, undefined, 2)}\n` } };
}

/** The folder of a skill under `folder`, its Markdown with the places filled in, everything else copied. */
export function skillFiles(skill: SkillContribution, plugin: AgentPlugin, folder: string): readonly PlacedFile[] {
  const root = join(plugin.tree, skill.path);
  const own = skill.path === "" || skill.path === ".";
  // A plugin that is one skill has its files at its root; the rest of the tree is reached by absolute path.
  const paths = own ? [skill.file] : filesBelow(root, "");
  return paths.map((path): PlacedFile => {
    const file = own ? join(plugin.tree, path) : join(root, path);
    const target = own ? `${folder}/SKILL.md` : `${folder}/${path}`;
    if (path.endsWith(".md")) return { path: target, content: { text: placed(readFileSync(file, "utf8"), plugin) } };
    return { path: target, content: { copy: file }, executable: (statSync(file).mode & 0o111) !== 0 };
  });
}

/** The text of a command, agent or skill file with the places filled in. */
export function markdownText(one: CommandContribution | AgentContribution, plugin: AgentPlugin): string {
  if (one.file !== undefined) return placed(readFileSync(join(plugin.tree, one.file), "utf8"), plugin);
  return one.kind === "command" ? placed(one.content ?? "", plugin) : "";
}

/** Hooks as a public hooks file has them; `lines` writes commands with arguments as one line for a shell. */
export function hooksValue(
  hooks: readonly HookContribution[],
  plugin: AgentPlugin,
  { lines = false }: { readonly lines?: boolean } = {},
): unknown {
  const events: Record<string, unknown[]> = {};
  for (const { event, matcher, handler, if: condition, timeoutSeconds, statusMessage, once, required } of hooks) {
    (events[event] ??= []).push({
      ...(matcher !== undefined && { matcher }),
      hooks: [
        placedValue(
          {
            ...(lines ? asLine(handler, plugin) : handler),
            ...(condition !== undefined && { if: condition }),
            ...(timeoutSeconds !== undefined && { timeout: timeoutSeconds }),
            ...(statusMessage !== undefined && { statusMessage }),
            ...(once !== undefined && { once }),
            ...(required !== undefined && { required }),
          },
          plugin,
        ),
      ],
    });
  }
  return { hooks: events };
}

function asLine(handler: HookHandler, plugin: AgentPlugin): object {
  if (handler.type !== "command") return handler;
  const { args: _, ...rest } = handler;
  return { ...rest, command: hookCommand(handler, plugin) };
}

/** MCP servers as a public `.mcp.json` has them, by name; a bundle is a file of its own and left out. */
export function mcpValue(servers: readonly McpContribution[], plugin: AgentPlugin): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    servers.flatMap(({ name, config, timeoutMs, alwaysLoad }) => {
      if (config.transport === "bundle") return [];
      const { transport, ...rest } = config;
      const value = {
        type: transport,
        ...rest,
        ...(timeoutMs !== undefined && { timeout: timeoutMs }),
        ...(alwaysLoad !== undefined && { alwaysLoad }),
      };
      return [[name, placedValue(value, plugin)]];
    }),
  );
}

/** LSP servers as a public `.lsp.json` has them, by name. */
export function lspValue(servers: readonly LspContribution[], plugin: AgentPlugin): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    servers.map(({ name, command, args, env, extensionToLanguage, options }) => [
      name,
      placedValue({ command, args, env, extensionToLanguage, ...options }, plugin),
    ]),
  );
}

/** A whole plugin in the form of Claude Code, made from what was read rather than from its files. */
export function claudeFiles(plugin: AgentPlugin): readonly PlacedFile[] {
  const { manifest } = plugin;
  const [hooks, lsp] = [ofKind(plugin, "hook"), ofKind(plugin, "lsp")];
  const [bundles, mcp] = partedServers(plugin);
  const monitors = ofKind(plugin, "monitor").map(({ name, command, description, when }) => ({
    name,
    command: placed(command, plugin),
    description,
    when,
  }));
  return [
    jsonFile(".claude-plugin/plugin.json", {
      ...manifestFacts(plugin),
      ...(Object.keys(manifest.userConfig).length > 0 && { userConfig: userConfig(manifest) }),
      ...(Object.keys(manifest.settings).length > 0 && { settings: manifest.settings }),
      ...(manifest.channels.length > 0 && { channels: manifest.channels.map(withoutOptions) }),
      ...(bundles.length > 0 && {
        mcpServers: [...(mcp.length > 0 ? ["./.mcp.json"] : []), ...bundles.map(bundleAddress)],
      }),
    }),
    ...bundles
      .filter((location) => !isAddress(location))
      .map((location) => ({
        path: location.replace(/^\.\//u, ""),
        content: { copy: join(plugin.tree, location) },
      })),
    ...ofKind(plugin, "skill").flatMap((skill) => skillFiles(skill, plugin, `skills/${skill.name}`)),
    ...ofKind(plugin, "command").map((one) => ({
      path: `commands/${one.name.replaceAll(":", "/")}.md`,
      content: { text: markdownText(one, plugin) },
    })),
    ...ofKind(plugin, "agent").map((one) => ({
      path: `agents/${one.name.replaceAll(":", "/")}.md`,
      content: { text: markdownText(one, plugin) },
    })),
    ...(hooks.length > 0 ? [jsonFile("hooks/hooks.json", hooksValue(hooks, plugin))] : []),
    ...(mcp.length > 0 ? [jsonFile(".mcp.json", { mcpServers: mcpValue(mcp, plugin) })] : []),
    ...(lsp.length > 0 ? [jsonFile(".lsp.json", lspValue(lsp, plugin))] : []),
    ...(monitors.length > 0 ? [jsonFile("monitors/monitors.json", monitors)] : []),
    ...ofKind(plugin, "output-style").map(({ file, name }) => ({
      path: `output-styles/${name}.md`,
      content: { text: placed(readFileSync(join(plugin.tree, file), "utf8"), plugin) },
    })),
    ...ofKind(plugin, "bin").map(({ file, name }) => ({
      path: `bin/${name}`,
      content: { text: `#!/bin/sh\nexec ${quotedWord(join(plugin.tree, file))} "$@"\n` },
      executable: true,
    })),
  ];
}

/** Its options are among those of the plugin already, named after its server. */
function withoutOptions({ server, displayName }: AgentPlugin["manifest"]["channels"][number]) {
  return { server, ...(displayName !== undefined && { displayName }) };
}

/** Options of servers become options of the plugin, as those of bundles do. */
function userConfig({ userConfig: options }: AgentPlugin["manifest"]): Readonly<Record<string, UserOption>> {
  return Object.fromEntries(
    Object.entries(options).map(([key, option]) => {
      if (!key.includes(".")) return [key, option];
      // Only texts may have several values there.
      return [plainOption(key), option.multiple ? { ...option, type: "string" as const } : option];
    }),
  );
}

/** Locations of bundles, and the servers that are none. */
function partedServers(plugin: AgentPlugin): readonly [readonly string[], readonly McpContribution[]] {
  const servers = ofKind(plugin, "mcp");
  return [
    servers.flatMap(({ config }) => (config.transport === "bundle" ? [config.location] : [])),
    servers.filter(({ config }) => config.transport !== "bundle"),
  ];
}

function isAddress(location: string): boolean {
  return /^https?:/u.test(location);
}

function bundleAddress(location: string): string {
  return isAddress(location) || location.startsWith("./") ? location : `./${location}`;
}

/** Files below a folder, relative with `/`, sorted. */
function filesBelow(root: string, below: string): readonly string[] {
  if (!existsSync(root)) return [];
  return readdirSync(join(root, below), { withFileTypes: true })
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(root, path) : [path];
    });
}
