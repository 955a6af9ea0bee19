import type { ScaffoldPart } from "../scaffold-part.ts";
import { agents } from "./agents.ts";
import { commands } from "./commands.ts";
import { hooks } from "./hooks.ts";
import { lsp } from "./lsp.ts";
import { mcp } from "./mcp.ts";
import { skills } from "./skills.ts";
import { tools } from "./tools.ts";

/** A word of `--with`. */
export type PartName = "skills" | "commands" | "agents" | "hooks" | "mcp" | "lsp" | "tools";

/** The kinds of components that a new plugin can start with, by the words of `--with`. */
export const PARTS: Readonly<Record<PartName, ScaffoldPart>> = { skills, commands, agents, hooks, mcp, lsp, tools };
