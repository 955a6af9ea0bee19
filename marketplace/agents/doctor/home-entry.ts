import { join } from "node:path";
import { isRecord } from "../../../schemas/record.ts";
import { claudeFolder } from "../claude.ts";
import { codexFolder } from "../codex.ts";
import { copilotFolder } from "../copilot.ts";
import { geminiFolder } from "../gemini.ts";
import { type ForeignRecord, ForeignFiles, objectAt } from "../import/foreign-file.ts";
import type { Unplaced } from "../import/holding.ts";
import { opencodeFolder } from "../opencode.ts";
import { CURSOR_FOLDER } from "../programs.ts";
import type { Machine } from "../target.ts";

/** Something in a configuration file of an agent that it starts. */
export interface HomeEntry {
  readonly agent: string;
  readonly kind: "hook" | "MCP server";
  /** Event of a hook, name of a server. */
  readonly name: string;
  readonly file: string;
  /** Of it, or of the list item it is alone in. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** Words of a command; one text is for a shell; empty for what is no command. */
  readonly command: readonly string[];
  /** The command, or else what it is, for people. */
  readonly text: string;
}

interface HomeFile {
  readonly agent: string;
  readonly file: string;
  readonly format: "json" | "jsonc" | "toml";
  readonly hooks?: readonly string[] | undefined;
  readonly servers?: readonly string[] | undefined;
}

/** The files in which agents keep hooks and servers of the person. */
function homeFiles(machine: Machine): readonly HomeFile[] {
  const { homeDirectory, environment } = machine;
  const [claude, codex, copilot] = [claudeFolder(machine), codexFolder(machine), copilotFolder(machine)];
  const [cursor, opencode] = [join(homeDirectory, CURSOR_FOLDER), opencodeFolder(machine)];
  const [hooks, servers] = [["hooks"], ["mcpServers"]];
  const state = environment["CLAUDE_CONFIG_DIR"] === undefined ? homeDirectory : claude;
  return [
    { agent: "claude", file: join(claude, "settings.json"), format: "json", hooks },
    { agent: "claude", file: join(claude, "settings.local.json"), format: "json", hooks },
    { agent: "claude", file: join(state, ".claude.json"), format: "json", servers },
    { agent: "codex", file: join(codex, "hooks.json"), format: "json", hooks },
    { agent: "codex", file: join(codex, "config.toml"), format: "toml", hooks, servers: ["mcp_servers"] },
    { agent: "copilot", file: join(copilot, "settings.json"), format: "jsonc", hooks },
    { agent: "copilot", file: join(copilot, "mcp-config.json"), format: "jsonc", servers },
    { agent: "gemini", file: join(geminiFolder(machine), "settings.json"), format: "jsonc", hooks, servers },
    { agent: "opencode", file: join(opencode, "opencode.json"), format: "jsonc", servers: ["mcp"] },
    { agent: "opencode", file: join(opencode, "opencode.jsonc"), format: "jsonc", servers: ["mcp"] },
    { agent: "cursor", file: join(cursor, "hooks.json"), format: "jsonc", hooks },
    { agent: "cursor", file: join(cursor, "mcp.json"), format: "jsonc", servers },
  ];
}

/** Every hook and MCP server in the configuration files of agents, whoever wrote it; files that cannot be read are told of. */
export async function homeEntries(
  machine: Machine,
): Promise<{ readonly entries: readonly HomeEntry[]; readonly unread: readonly (Unplaced & { agent: string })[] }> {
  const entries: HomeEntry[] = [];
  const unread: (Unplaced & { agent: string })[] = [];
  for (const one of homeFiles(machine)) {
    const files = new ForeignFiles();
    const content =
      one.format === "toml" ? await files.toml(one.file) : files.json(one.file, { comments: one.format === "jsonc" });
    if (one.hooks !== undefined) entries.push(...hooksOf(content, one, one.hooks));
    if (one.servers !== undefined) entries.push(...serversOf(content, one, one.servers));
    // Its servers of single projects.
    for (const project of Object.keys(objectAt(content, "projects"))) {
      if (one.servers !== undefined) entries.push(...serversOf(content, one, ["projects", project, ...one.servers]));
    }
    unread.push(...files.unplaced.map((item) => ({ ...item, agent: one.agent })));
  }
  return { entries, unread };
}

function hooksOf(content: ForeignRecord, { agent, file }: HomeFile, at: readonly string[]): readonly HomeEntry[] {
  return Object.entries(objectAt(content, ...at)).flatMap(([event, groups]) =>
    listOf(groups).flatMap((group, index): readonly HomeEntry[] => {
      const path = [...at, event, index];
      if (!isRecord(group)) return [];
      const handlers = Array.isArray(group["hooks"]) ? listOf(group["hooks"]) : undefined;
      const entry = (value: unknown, where: readonly (string | number)[], handler: unknown): HomeEntry => {
        const command = commandOf(handler);
        const text = command.length > 0 ? command.join(" ") : JSON.stringify(handler).slice(0, 300);
        return { agent, kind: "hook", name: event, file, path: where, value, command, text };
      };
      if (handlers === undefined) return [entry(group, path, group)];
      // The last one takes its group with it.
      if (handlers.length === 1) return [entry(group, path, handlers[0])];
      return handlers.map((handler, position) => entry(handler, [...path, "hooks", position], handler));
    }),
  );
}

function serversOf(content: ForeignRecord, { agent, file }: HomeFile, at: readonly string[]): readonly HomeEntry[] {
  return Object.entries(objectAt(content, ...at)).map(([name, value]) => {
    const command = commandOf(value);
    const url = isRecord(value) ? (value["url"] ?? value["httpUrl"] ?? value["serverUrl"]) : undefined;
    const text =
      command.length > 0 ? command.join(" ") : typeof url === "string" ? url : JSON.stringify(value).slice(0, 300);
    return { agent, kind: "MCP server", name, file, path: [...at, name], value, command, text };
  });
}

function commandOf(value: unknown): readonly string[] {
  if (!isRecord(value)) return [];
  const command = value["command"] ?? value["bash"];
  const words = listOf(Array.isArray(command) ? command : [command]);
  return [...words, ...listOf(value["args"])].filter((word) => typeof word === "string");
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
