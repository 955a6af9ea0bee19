import * as z from "zod";
import { AGENT_TARGET_POINT } from "./agent-target-point.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { escapeControl } from "./names.ts";

/** An agent as a plugin tells of it. */
export interface AgentTargetDescription {
  /** As in `--to`. */
  readonly name: string;
  readonly title: string;
  /** The agent's folder, relative to the person's home; nothing is written outside it. */
  readonly folder: string;
  /** The program by which it is found; without one it is found by its folder. */
  readonly program?: string | undefined;
  /** Folders below `folder`, each only where the agent has such a kind. */
  readonly skills?: string | undefined;
  readonly commands?: string | undefined;
  readonly agents?: string | undefined;
  /** A JSON file below `folder`, and the member of it that holds MCP servers by name. */
  readonly mcp?: { readonly file: string; readonly member: readonly string[] } | undefined;
  /** By kind: why the agent cannot hold it, in words for the plan. */
  readonly losses?: Readonly<Record<string, string>> | undefined;
}

const SEGMENT = String.raw`(?!\.{1,2}(?:/|$))[\w.-]{1,64}`;
const below = z
  .string()
  .regex(new RegExp(`^${SEGMENT}(?:/${SEGMENT}){0,3}$`, "u"), "must be a relative path without `..`");
const words = z.string().min(1).max(200);

const shape: z.ZodType<AgentTargetDescription> = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/u, "must be lower-case letters, digits and `-`"),
  title: words,
  folder: below,
  program: z
    .string()
    .regex(/^[\w-][\w.-]{0,63}$/u, "must be the plain name of a program")
    .optional(),
  skills: below.optional(),
  commands: below.optional(),
  agents: below.optional(),
  mcp: z
    .strictObject({
      file: below.regex(/\.jsonc?$/u, "must be a JSON file"),
      member: z
        .array(z.string().regex(/^(?!__proto__$|constructor$|prototype$)[\w.-]{1,64}$/u, "must be plain names"))
        .min(1)
        .max(4),
    })
    .optional(),
  losses: z.record(z.string(), words).optional(),
});

/** Folders in a person's home that keep keys, start programs, or are those of agents that are known here. */
const RESERVED: ReadonlySet<string> = new Set(
  ".ssh .gnupg .aws .azure .kube .docker .git .npm .cargo .local .cache .pki .plugsmith .claude .codex .copilot .gemini .cursor .agents .config/opencode .config/git .config/systemd .config/autostart .config/fish .config/environment.d".split(
    " ",
  ),
);

/** Reads one entry of the point; what is wrong with it drops it, and says so. */
export function readAgentTarget(
  value: unknown,
  plugin: string,
): { readonly value: AgentTargetDescription | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const read = shape.safeParse(value);
  const problems = read.success
    ? folderProblem(read.data.folder)
    : read.error.issues.map(({ path, message }) => `${path.length === 0 ? "it" : `\`${path.join(".")}\``}: ${message}`);
  if (read.success && problems.length === 0) return { value: read.data, diagnostics: [] };
  const diagnostics = problems.map((problem): Diagnostic => ({
    code: "E_MANIFEST",
    severity: "error",
    message: `an agent that \`${plugin}\` tells of is left out: ${escapeControl(problem)}`,
    hint: `its author must mend the entry of \`${AGENT_TARGET_POINT}\` in the plugin's manifest`,
    dropped: "agent target",
  }));
  return { value: undefined, diagnostics };
}

function folderProblem(folder: string): readonly string[] {
  if (!folder.startsWith(".")) return ["`folder`: must start with a `.`, as folders of programs do"];
  if (folder === ".config") return ["`folder`: must name a folder below `.config`"];
  const lower = folder.toLowerCase();
  const reserved = [...RESERVED].find((one) => lower === one || lower.startsWith(`${one}/`));
  return reserved === undefined ? [] : [`\`folder\`: \`${reserved}\` is not free for others`];
}
