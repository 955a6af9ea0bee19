import type {
  AgentContribution,
  CommandContribution,
  FileContribution,
  HookContribution,
  LspContribution,
  McpContribution,
  MonitorContribution,
  SkillContribution,
} from "../../schemas/plugin-manifest.ts";
import { definePoint, type Point } from "../point.ts";

/**
 * Components of data plugins. Core delivers those of a kind to the point whose owner claims the kind in its manifest
 * (`"points": {"plugsmith/skill": {"kind": "skill"}}`); the contribution's name is the component's own, of hooks the event; repeated ones
 * get a number, e.g. `PreToolUse#2`.
 */
export const skillPoint: Point<SkillContribution> = definePoint("plugsmith/skill");
/** Slash commands. */
export const commandPoint: Point<CommandContribution> = definePoint("plugsmith/command");
/** Definitions of subagents. */
export const agentPoint: Point<AgentContribution> = definePoint("plugsmith/agent");
/** Public hooks, in the order of their files. */
export const hookPoint: Point<HookContribution> = definePoint("plugsmith/hook");
/** MCP servers. */
export const mcpServerPoint: Point<McpContribution> = definePoint("plugsmith/mcp-server");
/** LSP servers. */
export const lspServerPoint: Point<LspContribution> = definePoint("plugsmith/lsp-server");
/** Background monitors. */
export const monitorPoint: Point<MonitorContribution> = definePoint("plugsmith/monitor");
/** Output styles. */
export const outputStylePoint: Point<FileContribution> = definePoint("plugsmith/output-style");
/** Executables of `bin/`. */
export const binPoint: Point<FileContribution> = definePoint("plugsmith/bin");
