import { bashAllows, bashRestricts, bashSpecifier, starMatches, type BashSpecifier } from "./bash-specifier.ts";
import { PathSpecifier, type PathBases } from "./path-specifier.ts";
import type { RuleSource } from "./rule-source.ts";
import { familyOf, type ToolRequest } from "./tool-request.ts";

type Specifier =
  | { readonly kind: "bash"; readonly bash: BashSpecifier }
  | { readonly kind: "path"; readonly path: PathSpecifier }
  | { readonly kind: "text"; readonly text: string }
  /** The text cannot be read: it restricts the whole tool, and allows nothing. */
  | { readonly kind: "broken" };

/** One rule: a tool, and which of its calls. */
export interface Rule {
  readonly text: string;
  readonly source: RuleSource;
  readonly tool: string;
  /** Absent: every call. */
  readonly specifier: Specifier | undefined;
}

/** Other names of tools. */
const ALIASES: Readonly<Record<string, string>> = { Task: "Agent" };

/** Fields of a tool's input that a text in its rules is held against. */
const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  Agent: ["subagent_type", "agent"],
  ReadMcpResource: ["server"],
};

/** Reads `Tool`, `Tool(specifier)`, `mcp__server`, `mcp__server__*`. */
export function parseRule(written: string, source: RuleSource): Rule {
  const text = written.trim();
  const open = text.indexOf("(");
  const name = (open === -1 ? text : text.slice(0, open)).trim();
  const tool = ALIASES[name] ?? name;
  if (open === -1) return { text, source, tool, specifier: undefined };
  if (!text.endsWith(")")) return { text, source, tool, specifier: { kind: "broken" } };
  return { text, source, tool, specifier: specifierOf(tool, text.slice(open + 1, -1), source) };
}

function specifierOf(tool: string, written: string, source: RuleSource): Specifier | undefined {
  const family = familyOf(tool);
  if (family === "shell") return { kind: "bash", bash: bashSpecifier(written) };
  if (written.trim() === "" || written.trim() === "*") return undefined;
  if (family === "other") return { kind: "text", text: written.trim() };
  if (written.trim().startsWith("!")) return { kind: "broken" };
  return { kind: "path", path: new PathSpecifier(written, source) };
}

/** Whether a rule allows a call. */
export function ruleAllows({ tool, specifier }: Rule, request: ToolRequest, bases: PathBases): boolean {
  if (!toolMatches(tool, request.name, false)) return false;
  switch (specifier?.kind) {
    case undefined:
      return true;
    case "bash":
      return request.command !== undefined && bashAllows(specifier.bash, request.command);
    case "path":
      return request.paths.length > 0 && request.paths.every((path) => specifier.path.allows(path, bases));
    case "text":
      return textMatches(specifier.text, request) === true;
    case "broken":
      return false;
  }
}

/** Whether an entry of an agent's list of tools lets it make a call; `Edit` there is the one tool of that name. */
export function ruleGrants(rule: Rule, request: ToolRequest, bases: PathBases): boolean {
  if (rule.tool === "*") return true;
  const isNamed = rule.tool === request.name || rule.tool.startsWith("mcp__");
  return isNamed && ruleAllows(rule, request, bases);
}

/** Whether a rule that denies or asks speaks of a call; what cannot be held against the rule counts as meant by it. */
export function ruleRestricts({ tool, specifier }: Rule, request: ToolRequest, bases: PathBases): boolean {
  if (!toolMatches(tool, request.name, true)) return false;
  switch (specifier?.kind) {
    case undefined:
    case "broken":
      return true;
    case "bash":
      return bashRestricts(specifier.bash, request.visible);
    case "path":
      return request.paths.some((path) => specifier.path.restricts(path, bases));
    case "text":
      return textMatches(specifier.text, request) !== false;
  }
}

/** `Read` speaks of all tools that read files, `Edit` of all that change them, `mcp__server` of all tools of a server. */
function toolMatches(rule: string, name: string, strict: boolean): boolean {
  if (rule === name) return true;
  if (rule === "Read" || rule === "Edit") return familyOf(name) === familyOf(rule);
  const server = /^(?<server>mcp__.+?)(?:__\*)?$/u.exec(rule)?.groups?.["server"];
  if (server !== undefined && !server.includes("*") && name.startsWith(`${server}__`)) return true;
  return strict && rule.includes("*") && starMatches(rule, name);
}

/** `undefined`: the input has nothing that such a text could be held against. */
function textMatches(text: string, { input, name }: ToolRequest): boolean | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  const fields = input as Readonly<Record<string, unknown>>;
  if (text.startsWith("domain:")) return domainMatches(text.slice("domain:".length), fields["url"]);
  const keys = SUBJECTS[name] ?? ["skill", "command", "name"];
  const value = keys.map((key) => fields[key]).find((field) => typeof field === "string");
  if (typeof value !== "string") return undefined;
  const args = typeof fields["args"] === "string" ? ` ${fields["args"]}` : "";
  const called = value.replace(/^\//u, "");
  if (/(?:\s|:)\*$/u.test(text)) {
    const prefix = text.slice(0, -2);
    return called === prefix || `${called}${args}`.startsWith(`${prefix} `);
  }
  return called === text || `${called}${args}`.trim() === text;
}

function domainMatches(domain: string, url: unknown): boolean | undefined {
  if (typeof url !== "string" || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  const wanted = domain.trim().toLowerCase();
  return wanted.startsWith("*.") ? hostname.endsWith(wanted.slice(1)) : hostname === wanted;
}
