import { isAbsolute, join } from "node:path";
import picomatch from "picomatch";
import type { ToolUse } from "plugsmith/plugin-api";

const SIMPLE_COMMAND = /^[^\n;&|<>`$(){}\\]*$/;

/**
 * Whether the `if` rule of a hook holds for a call: `Tool`, or `Tool(specifier)` with a command prefix (`git push:*`, `git *`) or a
 * path pattern. A command that is not one simple command holds every `Bash` rule: a hook that watches may not be talked past.
 */
export function ruleHolds(rule: string, { name, aliases = [], input, session }: ToolUse): boolean {
  const parsed = /^([\w-]+(?:\*)?)(?:\((.*)\))?$/su.exec(rule.trim());
  const [, tool = "", specifier] = parsed ?? [];
  if (parsed === null || ![name, ...aliases].some((each) => nameFits(tool, each))) return false;
  if (specifier === undefined || specifier === "" || specifier === "*") return true;
  if (typeof input !== "object" || input === null) return false;
  if ("command" in input && typeof input.command === "string") return commandFits(specifier, input.command);
  const path = pathOf(input);
  return path !== undefined && pathFits(specifier, path, session.projectDirectory);
}

function nameFits(tool: string, name: string): boolean {
  return tool.endsWith("*") ? name.startsWith(tool.slice(0, -1)) : tool === name;
}

function commandFits(specifier: string, command: string): boolean {
  if (!SIMPLE_COMMAND.test(command)) return true;
  const prefix = /^(.*?)(?::\*| \*|\*)$/su.exec(specifier)?.[1];
  if (prefix === undefined) return command === specifier;
  return (
    command === prefix ||
    command.startsWith(specifier.endsWith("*") && !/[: ]\*$/u.test(specifier) ? prefix : `${prefix} `)
  );
}

function pathOf(input: object): string | undefined {
  for (const key of ["file_path", "notebook_path", "path"]) {
    const value = (input as Readonly<Record<string, unknown>>)[key];
    if (typeof value === "string") return value;
  }
  return undefined;
}

/** Patterns are relative to the project; `//` begins an absolute one. */
function pathFits(specifier: string, path: string, project: string): boolean {
  const pattern = specifier.startsWith("//")
    ? specifier.slice(1)
    : isAbsolute(specifier)
      ? join(project, specifier)
      : join(project, specifier.startsWith("./") || specifier.includes("/") ? specifier : `**/${specifier}`);
  return picomatch(pattern, { dot: true })(path);
}
