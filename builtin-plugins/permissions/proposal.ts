import { dirname } from "node:path";
import type { Choice, Session, Settings } from "plugsmith/plugin-api";
import { bashSpecifier } from "./bash-specifier.ts";
import type { ToolRequest } from "./tool-request.ts";

/** What a person can choose beyond this one call. */
export interface Proposal {
  /** The rule that the choice adds. */
  readonly rule: string;
  readonly request: ToolRequest;
  readonly offers: readonly Choice[];
}

const SESSION = "always-session";
const PROJECT = "always-project";
const MAX_RULE_CHARACTERS = 500;

/** The rule that allows the call from now on, where one can be written that allows nothing else. */
export function proposalFor(
  request: ToolRequest,
  settings: Settings | undefined,
  managedOnly: boolean,
): Proposal | undefined {
  const rule = managedOnly ? undefined : ruleFor(request);
  if (rule === undefined) return undefined;
  const offers = [
    ...(request.session === undefined ? [] : [{ id: SESSION, label: `yes, and always in this session: ${rule}` }]),
    ...(settings === undefined ? [] : [{ id: PROJECT, label: `yes, and always in this project: ${rule}` }]),
  ];
  return { rule, request, offers };
}

/** Does what the person chose. */
export function acceptProposal({ rule, request }: Proposal, choice: string, settings: Settings | undefined): void {
  if (choice === SESSION && request.session !== undefined) {
    const session = top(request.session);
    session.setOptions({ allow: [...session.options.allow, rule] });
  }
  if (choice === PROJECT && settings !== undefined) {
    // Our own layer of this file alone: what other layers allow does not move into it.
    const present = settings.layers("permissions").find(({ layer }) => layer === "local")?.value;
    const permissions = typeof present === "object" && present !== null ? present : {};
    const allow: unknown = "allow" in permissions ? permissions.allow : undefined;
    settings.set("local", "permissions", { ...permissions, allow: [...(Array.isArray(allow) ? allow : []), rule] });
  }
}

/** The person chooses for the conversation; agents below it are held to its rules. */
function top(session: Session): Session {
  return session.parent === undefined ? session : top(session.parent);
}

function ruleFor({ name, family, command, paths, input }: ToolRequest): string | undefined {
  if (family === "shell") return command === undefined ? undefined : commandRule(name, command.trim());
  const [path] = paths;
  if (path !== undefined && (family === "read" || family === "edit")) {
    const folder = path.isSearch ? path.real : dirname(path.real);
    if (paths.length > 1 || folder === "/") return undefined;
    return `${family === "read" ? "Read" : "Edit"}(/${folder.replaceAll(/[\\*?[\]!# ]/gu, "\\$&")}/**)`;
  }
  if (name === "Skill") {
    const skill = typeof input === "object" && input !== null && "skill" in input ? input.skill : undefined;
    return typeof skill === "string" && /^[\w:/-]+$/u.test(skill) ? `Skill(${skill})` : undefined;
  }
  return /^[\w-]+$/u.test(name) && paths.length === 0 ? name : undefined;
}

/** A command that would read as a rule for more than itself gets none. */
function commandRule(name: string, command: string): string | undefined {
  if (command.length > MAX_RULE_CHARACTERS || /[\r\n]/u.test(command)) return undefined;
  const specifier = bashSpecifier(command);
  return specifier.kind === "exact" && specifier.command === command ? `${name}(${command})` : undefined;
}
