import { mentionedMembers } from "./closure-mentions.ts";
import type { Contribution, HookContribution, McpContribution, PluginManifest } from "./plugin-manifest.ts";
import { digestOf, framed, membersText } from "./tree-digest.ts";
import type { TreeMember } from "./tree-digest.ts";

/** What a plugin's consent is bound to. */
export interface ClosureInput {
  /** Every member of its tree. */
  readonly members: readonly TreeMember[];
  readonly manifest: PluginManifest;
  /** Real paths of runtimes and programs outside the tree that it starts, when known. */
  readonly executables?: readonly string[] | undefined;
  /** Declared capabilities, as JSON; the manifest's own when absent. */
  readonly capabilities?: unknown;
  /** Commands that the bodies of skills, commands and agents inject, as the readers found them. */
  readonly promptCommands?: readonly string[] | undefined;
  /** Whether it locks npm packages of its own; its lock file, a member, names them by digest. */
  readonly locksPackages?: boolean | undefined;
  /** The text of a file of the tree, to see which others a program mentions; `undefined` when there is none. */
  readonly textOf: (path: string) => string | undefined;
}

const IMAGE = /\.(?:png|jpe?g|gif|webp|avif|ico|svg)$/i;
/** Files at the root for people, and documents. */
const PROSE = /^(?:(?:readme|changelog|licen[sc]e)[^/]*|docs\/(?:.*\/)?[^/]+\.md)$/i;
const CODE =
  /(?:\.(?:[cm]?[jt]sx?|py[cwz]?|rb|sh|bash|zsh|fish|ksh|awk|psm?1|vbs|bat|cmd|pl|php|lua|tcl|exe|com|jar|class|wasm|node|so|dll|dylib|mk)|(?:^|\/)(?:gnu)?(?:makefile|rakefile|justfile))$/i;
/** Files by which a program of that name knows what to run. */
const RECIPE =
  /(?:^|\/)(?:package\.json|deno\.jsonc?|pyproject\.toml|[^/]*compose[^/]*\.ya?ml|dockerfile[^/]*|procfile|taskfile[^/]*|cmakelists\.txt)$/i;

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
  const entry = input.manifest.plugsmith?.entry;
  const mentioned = input.members.some(isInert)
    ? mentionedMembers({ ...input, texts: [...allCommands(input), entry ?? ""], isProgram: isRun })
    : () => false;
  const contributed = new Set(input.manifest.contributions.map((one) => ("file" in one ? one.file : undefined)));
  return input.members
    .filter((member) => !isInert(member) || contributed.has(member.path) || mentioned(member.path))
    .toSorted((left, right) => (left.path < right.path ? -1 : left.path > right.path ? 1 : 0));
}

/** Everything the manifest would run, each as one text with its kind, in manifest order. */
function closureCommands(manifest: PluginManifest): readonly string[] {
  const statusLine = manifest.settings["subagentStatusLine"];
  return [
    ...manifest.contributions.flatMap(commandsOf),
    ...(statusLine === undefined ? [] : [`status line ${canonicalJson(statusLine)}`]),
  ];
}

/**
 * Whether anything of the plugin can run: a process, code, a remote server, a program file, an npm package, or a command inside
 * a prompt.
 */
export function canExecute(input: ClosureInput): boolean {
  const { manifest, members } = input;
  if (manifest.plugsmith?.entry !== undefined || manifest.channels.length > 0) return true;
  if (input.locksPackages === true || allCommands(input).length > 0) return true;
  return members.some(isProgramFile);
}

/** Whether a member is a program: marked executable, or by its first bytes or its name. */
export function isProgramFile(member: TreeMember): boolean {
  return member.kind === "file" && (member.executable || member.opening === "program" || CODE.test(member.path));
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

function isRun(member: TreeMember): boolean {
  return isProgramFile(member) || RECIPE.test(member.path);
}

/** Whether nothing starts a member unless it mentions it. */
function isInert(member: TreeMember): boolean {
  if (member.kind === "link" || isProgramFile(member)) return false;
  return PROSE.test(member.path) || (member.opening === "image" && IMAGE.test(member.path));
}

/** JSON with sorted keys, so that equal values have equal texts. */
function canonicalJson(value: unknown): string {
  const sortKeys = (_key: string, member: unknown): unknown =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)))
      : member;
  return JSON.stringify(value, sortKeys) ?? "null";
}
