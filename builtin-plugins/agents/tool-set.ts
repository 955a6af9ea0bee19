import type { Session, ToolDescriptor } from "plugsmith/plugin-api";
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

/** The tools of an agent: those that its parents have, less what it disallows, then only what it names. Throws when none is left. */
export function toolsFor(
  definition: Definition,
  parent: Session,
  descriptors: readonly ToolDescriptor[],
  narrowed: readonly string[] | undefined,
): readonly string[] {
  const depth = parent.agentPath.length + 1;
  const tools = descriptors.filter((tool) => {
    const { name } = tool;
    if (!isGranted(parent, name) || MAIN_ONLY.has(name)) return false;
    if (name === "Agent" && depth >= MAX_DEPTH) return false;
    return permits(definition, tool) && (narrowed === undefined || narrowed.some((entry) => names(entry, tool)));
  });
  if (tools.length > 0) return tools.map(({ name }) => name);
  const wanted = definition.tools ?? ["all of the parent's"];
  throw new Error(
    `agent \`${definition.name}\` could use no tool: it asks for ${wanted.join(", ")}, and nothing of that is there for it`,
  );
}

/** Whether an agent's own lists let it use a tool. */
export function permits(
  { tools, disallowedTools }: Definition,
  tool: Pick<ToolDescriptor, "name" | "aliases">,
): boolean {
  // With a rule in brackets only some calls are meant; the permissions decide on those.
  if (disallowedTools.some((entry) => !entry.includes("(") && names(entry, tool))) return false;
  return tools === undefined || tools.some((entry) => names(entry, tool));
}

/** Rules in brackets among what an agent disallows, as permission rules. */
export function deniedRules({ disallowedTools }: Definition): readonly string[] {
  return disallowedTools.filter((entry) => entry.includes("("));
}

/** Whether a session and all above it may use a tool. */
export function isGranted(session: Session, tool: string): boolean {
  for (let at: Session | undefined = session; at !== undefined; at = at.parent) {
    if (at.tools?.includes(tool) === false) return false;
  }
  return true;
}

/** Whether an entry of a list means a tool: its name or an older one, `mcp__server`, or a pattern that ends in `*`. */
function names(entry: string, { name, aliases = [] }: Pick<ToolDescriptor, "name" | "aliases">): boolean {
  const [wanted = ""] = entry.split("(", 1);
  if (wanted.endsWith("*")) return name.startsWith(wanted.slice(0, -1));
  return wanted === name || aliases.includes(wanted) || (wanted.startsWith("mcp__") && name.startsWith(`${wanted}__`));
}
