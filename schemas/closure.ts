import type { Contribution, HookContribution, McpContribution, PluginManifest } from "./plugin-manifest.ts";
import { digestOf, framed, membersText } from "./tree-digest.ts";
import type { TreeMember } from "./tree-digest.ts";

/** What a plugin's consent is bound to. */
export interface ClosureInput {
  /** Every member of its tree and of its derived dependencies. */
  readonly members: readonly TreeMember[];
  readonly manifest: PluginManifest;
  /** Real paths of runtimes and programs outside the tree that it starts, when known. */
  readonly executables?: readonly string[] | undefined;
  /** Declared capabilities, as JSON; the manifest's own when absent. */
  readonly capabilities?: unknown;
  /** Commands that the bodies of skills, commands and agents inject, as the readers found them. */
  readonly promptCommands?: readonly string[] | undefined;
}

const IMAGE = /\.(?:png|jpe?g|gif|webp|avif|ico|bmp|svg)$/i;
const PROSE = /^(?:readme|changelog|licen[sc]e)[^/]*$/i;
const CODE = /\.(?:[cm]?[jt]sx?|py|rb|sh|bash|zsh|ps1|bat|cmd|pl|php|lua)$/i;

/**
 * Digest that a person's consent is bound to: `""` when nothing of the plugin can execute, otherwise over every member that
 * `closureMembers` names, its commands, capabilities and runtimes (DESIGN §5.3). One changed byte changes it.
 */
export function closureDigest(input: ClosureInput): string {
  if (!canExecute(input)) return "";
  const commands = allCommands(input);
  const members = closureMembers(input);
  const capabilities = input.capabilities ?? input.manifest.plugsmith?.capabilities;
  const parts = [
    membersText("plugsmith closure 1", members),
    `commands ${commands.length}`,
    ...commands.map(framed),
    `runtimes ${input.executables?.length ?? 0}`,
    ...(input.executables ?? []).toSorted().map(framed),
    `capabilities ${framed(canonicalJson(capabilities))}`,
  ];
  return digestOf(parts.join("\n"));
}

/** The members that consent covers, for showing what changed; empty when nothing can execute. Sorted by path. */
export function closureMembers(input: ClosureInput): readonly TreeMember[] {
  if (!canExecute(input)) return [];
  const commands = allCommands(input);
  const named = (path: string): boolean => {
    const base = path.slice(path.lastIndexOf("/") + 1);
    return commands.some((command) => command.includes(path) || command.includes(base));
  };
  return input.members
    .filter((member) => !isInert(member) || named(member.path))
    .toSorted((left, right) => (left.path < right.path ? -1 : left.path > right.path ? 1 : 0));
}

/** Everything the manifest would run, each as one text with its kind, in manifest order. */
function closureCommands(manifest: PluginManifest): readonly string[] {
  return manifest.contributions.flatMap(commandsOf);
}

/** Whether anything of the plugin can run: a process, code, a remote server, a program file, or a command inside a prompt. */
export function canExecute(input: ClosureInput): boolean {
  const { manifest, members } = input;
  if (manifest.plugsmith?.entry !== undefined || manifest.channels.length > 0) return true;
  if (allCommands(input).length > 0) return true;
  return members.some(isProgramFile);
}

/** Whether a member is a program: marked executable, or a script by its extension. */
export function isProgramFile(member: TreeMember): boolean {
  return member.kind === "file" && (member.executable || CODE.test(member.path));
}

function allCommands(input: ClosureInput): readonly string[] {
  return [...closureCommands(input.manifest), ...(input.promptCommands ?? []).map((command) => `prompt ${command}`)];
}

function commandsOf(contribution: Contribution): readonly string[] {
  switch (contribution.kind) {
    case "hook":
      return [hookCommand(contribution)];
    case "mcp":
      return [mcpCommand(contribution)];
    case "lsp":
      return [
        `lsp ${contribution.name} ${canonicalJson([contribution.command, contribution.args, contribution.env, contribution.options])}`,
      ];
    case "monitor":
      return [`monitor ${contribution.name} ${contribution.when} ${contribution.command}`];
    case "skill":
      return [
        ...(contribution.hooks ?? []).map(hookCommand),
        ...grants(`skill ${contribution.name}`, contribution.fields),
      ];
    case "command":
      return grants(`command ${contribution.name}`, contribution.fields);
    case "agent":
      return grants(`agent ${contribution.name}`, contribution.fields);
    case "workflow":
    case "mod":
    case "bin":
      return [`${contribution.kind} ${contribution.name} ${contribution.file}`];
    case "output-style":
    case "theme":
      return [];
  }
}

function hookCommand(hook: HookContribution): string {
  const { where: _where, ...rest } = hook;
  return `hook ${canonicalJson(rest)}`;
}

function mcpCommand(server: McpContribution): string {
  return `mcp ${server.name} ${canonicalJson(server.config)}`;
}

/** Tools that a prompt pre-approves for itself count as something that can run. */
function grants(what: string, fields: Readonly<Record<string, unknown>>): readonly string[] {
  const tools = fields["allowedTools"];
  if (tools === undefined || (Array.isArray(tools) && tools.length === 0)) return [];
  return [`${what} may use ${canonicalJson(tools)}`];
}

function isInert(member: TreeMember): boolean {
  if (member.kind === "file" && member.executable) return false;
  if (CODE.test(member.path)) return false;
  const base = member.path.slice(member.path.lastIndexOf("/") + 1);
  return PROSE.test(base) || IMAGE.test(base) || /^docs\//i.test(member.path);
}

/** JSON with sorted keys, so that equal values have equal texts. */
function canonicalJson(value: unknown): string {
  const sortKeys = (_key: string, member: unknown): unknown =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)))
      : member;
  return JSON.stringify(value, sortKeys) ?? "null";
}
