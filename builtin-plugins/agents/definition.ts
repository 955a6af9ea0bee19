import type { AgentContribution, Contributed, PermissionMode, PluginInfo } from "plugsmith/plugin-api";

/** Whose memory an agent has: of the person everywhere, of the project and its team, of the project on this machine. */
export type MemoryScope = "user" | "project" | "local";

/** An agent as it can be spawned. */
export interface Definition {
  /** `plugin:name`, of loose folders and built in ones the bare name. */
  readonly name: string;
  readonly description: string;
  /** Its system prompt: a file of a plugin, or the text of the one that is built in. */
  readonly prompt: { readonly plugin: PluginInfo; readonly file: string } | { readonly text: string };
  /** Names and patterns of tools; absent means all. */
  readonly tools?: readonly string[] | undefined;
  readonly disallowedTools: readonly string[];
  /** Absent: as the parent. */
  readonly model?: string | undefined;
  readonly effort?: string | undefined;
  readonly maxTurns?: number | undefined;
  /** Names of skills whose texts it starts with. */
  readonly skills: readonly string[];
  readonly permissionMode?: PermissionMode | undefined;
  readonly memory?: MemoryScope | undefined;
  /** Whether it always runs beside its parent's turn. */
  readonly background?: boolean | undefined;
  readonly isolation?: "worktree" | undefined;
  readonly color?: string | undefined;
  readonly omitInstructions?: boolean | undefined;
  /** Whether a file of the project says all this. */
  readonly isOfProject?: boolean | undefined;
}

const MODES: Readonly<Record<string, PermissionMode>> = {
  default: "default",
  manual: "default",
  acceptEdits: "acceptEdits",
  plan: "plan",
  dontAsk: "dontAsk",
  bypassPermissions: "bypassPermissions",
};

/** Fields that only agents of a person or project may set, and those that no agent may set here yet. */
const OWN_ONLY = ["permissionMode", "hooks", "mcpServers", "initialPrompt"];
const UNUSED = ["hooks", "mcpServers", "initialPrompt"];
const SCOPES: ReadonlySet<unknown> = new Set<MemoryScope>(["user", "project", "local"]);

/** The agent that is always there. */
export const GENERAL_PURPOSE: Definition = {
  name: "general-purpose",
  description: "Researches and carries out tasks of several steps with every tool that is there.",
  prompt: {
    text: "You are an agent that carries out one task for another agent. Do all of what is asked and nothing beyond it. You cannot ask back: decide, and say what you assumed. Your last message is the only thing that is read of your work, so put into it what was found or done, with the paths of the files it is about.",
  },
  disallowedTools: [],
  skills: [],
};

/** Reads a contributed agent; what it sets without effect is told to `ignored`. */
export function definitionOf(
  { plugin, value }: Contributed<AgentContribution>,
  ignored: (field: string) => void,
): Definition {
  const { fields, file } = value;
  const { background, memory, isolation, omitClaudeMd, color } = fields;
  const loose = plugin.tier === "loose";
  for (const field of [...(loose ? [] : OWN_ONLY), ...UNUSED]) if (fields[field] !== undefined) ignored(field);
  const name = loose || value.name.startsWith(`${plugin.name}:`) ? value.name : `${plugin.name}:${value.name}`;
  const model = textOf(fields["model"]);
  const { maxTurns } = fields;
  return {
    name,
    description: value.description,
    prompt: { plugin, file },
    ...(Array.isArray(fields["tools"]) && { tools: textsIn(fields["tools"]) }),
    disallowedTools: textsIn(fields["disallowedTools"]),
    ...(model !== undefined && model !== "inherit" && { model }),
    effort: textOf(fields["effort"]),
    ...(typeof maxTurns === "number" && { maxTurns }),
    skills: textsIn(fields["skills"]),
    ...(isScope(memory) && { memory }),
    ...(isolation === "worktree" && { isolation }),
    background: background === true,
    omitInstructions: omitClaudeMd === true,
    isOfProject: loose && plugin.id.endsWith("@project"),
    color: textOf(color),
    ...(loose && { permissionMode: MODES[textOf(fields["permissionMode"]) ?? ""] }),
  };
}

function isScope(value: unknown): value is MemoryScope {
  return SCOPES.has(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
