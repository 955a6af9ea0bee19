import { isAbsolute, join, resolve } from "node:path";
import type { GuardedRequest, Session, ToolContext, ToolDescriptor } from "plugsmith/plugin-api";
import { realPath } from "./real-path.ts";
import { visibleCommands } from "./shell-words.ts";

/** What a tool does to files, as public rules group tools. */
export type ToolFamily = "read" | "edit" | "shell" | "other";

/** A file that a call names. */
export interface ToolPath {
  /** Absolute, without `.` and `..`. */
  readonly path: string;
  /** With every link followed. */
  readonly real: string;
  /** Whether files below it are meant. */
  readonly isSearch: boolean;
}

/** One call of a tool, in the form that rules are held against. */
export interface ToolRequest {
  readonly name: string;
  /** Older names of a built-in tool. */
  readonly aliases?: readonly string[] | undefined;
  readonly callId: string;
  readonly family: ToolFamily;
  /** As the tool says of itself. */
  readonly readOnly: boolean;
  /** Whether it says so as a tool of a built-in: what others say of theirs, plugins and servers alike, is no proof. */
  readonly isKnownToRead: boolean;
  /** As the tool will get it: paths are absolute. */
  readonly input: unknown;
  /** Whether `input` differs from what was asked. */
  readonly isChanged: boolean;
  readonly paths: readonly ToolPath[];
  /** Of a shell. */
  readonly command: string | undefined;
  /** What the command may run as far as it can be seen. */
  readonly visible: readonly string[] | undefined;
  readonly session: Session | undefined;
  readonly directory: string;
}

const FAMILIES: Readonly<Record<string, ToolFamily>> = {
  Read: "read",
  Glob: "read",
  Grep: "read",
  LS: "read",
  NotebookRead: "read",
  Edit: "edit",
  Write: "edit",
  MultiEdit: "edit",
  NotebookEdit: "edit",
  Bash: "shell",
};
const SEARCHES: ReadonlySet<string> = new Set(["Glob", "Grep", "LS"]);

/** The group of a tool by its public name (formats.md §6.5). */
export function familyOf(name: string): ToolFamily {
  return Object.hasOwn(FAMILIES, name) ? (FAMILIES[name] ?? "other") : "other";
}

/** Where paths begin. */
export interface RequestPlace {
  readonly directory: string;
  readonly home: string;
}

/** Reads what the gate is asked, with another input where somebody changed it. */
export function toolRequest(request: GuardedRequest, place: RequestPlace, input: unknown = request.input): ToolRequest {
  const { session, directory = place.directory } = contextOf(request.context);
  // The point of tools takes nothing else.
  const { name, readOnly, aliases, pathFields = [] } = request.descriptor as ToolDescriptor;
  const named = pathsIn(input, pathFields, directory, place.home);
  const isSearch = SEARCHES.has(name);
  const paths = isSearch && named.paths.length === 0 ? [directory] : named.paths;
  const family = familyOf(name);
  const command = family === "shell" ? textField(input, "command") : undefined;
  return {
    name,
    ...(request.plugin.tier === "builtin" && { aliases }),
    callId: request.callId,
    family,
    readOnly,
    isKnownToRead: readOnly && request.plugin.tier === "builtin" && !name.startsWith("mcp__"),
    input: named.input,
    isChanged: named.isChanged || input !== request.input,
    paths: paths.map((path) => ({ path, real: realPath(path), isSearch })),
    command,
    visible: command === undefined ? undefined : visibleCommands(command),
    session,
    directory,
  };
}

function contextOf(context: unknown): Partial<ToolContext> {
  if (typeof context !== "object" || context === null) return {};
  const { session, directory } = context as Partial<Record<keyof ToolContext, unknown>>;
  return {
    session: isSession(session) ? session : undefined,
    ...(typeof directory === "string" && isAbsolute(directory) && { directory }),
  };
}

/** Not what came as data from another process and only looks like one. */
function isSession(value: unknown): value is Session {
  return typeof value === "object" && value !== null && "setOptions" in value && typeof value.setOptions === "function";
}

function pathsIn(
  input: unknown,
  fields: readonly string[],
  directory: string,
  home: string,
): { readonly input: unknown; readonly isChanged: boolean; readonly paths: readonly string[] } {
  const paths: string[] = [];
  let changed: Record<string, unknown> | undefined;
  for (const field of fields) {
    const given = textField(input, field);
    if (given === undefined || given === "") continue;
    if (given.includes("\0")) throw new Error(`the path in \`${field}\` contains a NUL character`);
    const path = given === "~" || given.startsWith("~/") ? join(home, given.slice(1)) : resolve(directory, given);
    paths.push(path);
    // `textField` has seen that it is an object.
    if (path !== given) changed = { ...(changed ?? (input as Record<string, unknown>)), [field]: path };
  }
  return { input: changed ?? input, isChanged: changed !== undefined, paths };
}

function textField(input: unknown, field: string): string | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  const value = (input as Readonly<Record<string, unknown>>)[field];
  return typeof value === "string" ? value : undefined;
}
