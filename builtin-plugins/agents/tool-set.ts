import type { PluginInfo, Session, ToolDescriptor } from "plugsmith/plugin-api";
import type { Definition } from "./definition.ts";

/** Agents one below the other at most; the deepest get no tool to spawn more. */
export const MAX_DEPTH = 3;

/** Tools that only the conversation with the person has (formats.md §5.2). */
const MAIN_ONLY: ReadonlySet<string> = new Set([
  "AskUserQuestion",
  "EnterPlanMode",
  "ExitPlanMode",
  "TaskOutput",
  "WaitForMcpServers",
  "Workflow",
  "ScheduleWakeup",
  "EndConversation",
]);

/** Built-in tools of an agent in the background; of plugins and servers it has all (formats.md §5.2). */
const IN_BACKGROUND: ReadonlySet<string> = new Set([
  "Read",
  "Write",
  "Edit",
  "NotebookEdit",
  "Glob",
  "Grep",
  "LSP",
  "Bash",
  "TaskStop",
  "WebFetch",
  "WebSearch",
  "TodoWrite",
  "Skill",
  "ListMcpResources",
  "ReadMcpResource",
]);

/** Tools that work in the memory of an agent whatever its lists say. */
const OF_MEMORY: ReadonlySet<string> = new Set(["Read", "Write", "Edit"]);

/** A tool and who brings it. */
export interface OfferedTool {
  readonly descriptor: ToolDescriptor;
  readonly plugin: Pick<PluginInfo, "tier">;
}

/** How an agent is spawned, as far as its tools go. */
export interface Spawning {
  readonly parent: Session;
  /** What the caller leaves of its own tools. */
  readonly narrowed: readonly string[] | undefined;
  readonly inBackground: boolean;
  /** The files of its memory, as permission rules have it. */
  readonly memory: string | undefined;
}

/**
 * The tools of an agent: those that its parents have, less what it disallows, then only what it names; what it needs for its memory
 * alone comes as rules for that folder. Throws when none is left.
 */
export function toolsFor(
  definition: Definition,
  offered: readonly OfferedTool[],
  { parent, narrowed, inBackground, memory }: Spawning,
): readonly string[] {
  const depth = parent.agentPath.length + 1;
  const tools = offered.flatMap(({ descriptor: tool, plugin }) => {
    const { name } = tool;
    if (!isGranted(parent, name) || MAIN_ONLY.has(name)) return [];
    if (name === "Agent" && depth >= MAX_DEPTH) return [];
    if (inBackground && plugin.tier === "builtin" && !IN_BACKGROUND.has(name)) return [];
    if (narrowed?.some((entry) => names(entry, tool)) === false || isDisallowed(definition, tool)) return [];
    if (permits(definition, tool)) return [name];
    return memory !== undefined && OF_MEMORY.has(name) ? [`${name}(${memory})`] : [];
  });
  if (tools.length > 0) return tools;
  const wanted = definition.tools ?? ["all of the parent's"];
  throw new Error(
    `agent \`${definition.name}\` could use no tool: it asks for ${wanted.join(", ")}, and nothing of that is there for it`,
  );
}

/** Whether an agent's own lists let it use a tool. */
export function permits(definition: Definition, tool: Pick<ToolDescriptor, "name" | "aliases">): boolean {
  const { tools } = definition;
  return !isDisallowed(definition, tool) && (tools === undefined || tools.some((entry) => names(entry, tool)));
}

/** With a rule in brackets only some calls are meant; the permissions decide on those. */
function isDisallowed({ disallowedTools }: Definition, tool: Pick<ToolDescriptor, "name" | "aliases">): boolean {
  return disallowedTools.some((entry) => !entry.includes("(") && names(entry, tool));
}

/** Whether an agent's lists let it hand work to another: to every one, unless it names some, `Agent(one, other)`. */
export function delegates({ tools = [] }: Definition, agent: string): boolean {
  const named = tools.flatMap(
    (entry) => /^(?:Agent|Task)\((?<names>.*)\)$/u.exec(entry)?.groups?.["names"]?.split(",") ?? [],
  );
  return named.length === 0 || named.some((name) => name.trim() === agent || agent.endsWith(`:${name.trim()}`));
}

/** Rules in brackets among what an agent disallows, as permission rules. */
export function deniedRules({ disallowedTools }: Definition): readonly string[] {
  return disallowedTools.filter((entry) => entry.includes("("));
}

/** Whether a session and all above it may use a tool, at least for some calls; on those the permissions decide. */
export function isGranted(session: Session, tool: string): boolean {
  for (let at: Session | undefined = session; at !== undefined; at = at.parent) {
    if (at.tools?.some((entry) => entry.split("(", 1)[0] === tool) === false) return false;
  }
  return true;
}

/** Whether an entry of a list means a tool: its name or an older one, `mcp__server`, or a pattern that ends in `*`. */
function names(entry: string, { name, aliases = [] }: Pick<ToolDescriptor, "name" | "aliases">): boolean {
  const [wanted = ""] = entry.split("(", 1);
  if (wanted.endsWith("*")) return name.startsWith(wanted.slice(0, -1));
  return wanted === name || aliases.includes(wanted) || (wanted.startsWith("mcp__") && name.startsWith(`${wanted}__`));
}
