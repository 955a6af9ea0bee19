import type { Session } from "../../../plugin-api/session.ts";

const MAX_DEPTH = 200;

/** A session that stood in a value, with the keys that lead to it. */
export interface FoundSession {
  readonly path: readonly (string | number)[];
  readonly session: Session;
}

/** How a value is made plain. */
export interface PlainOptions {
  /** Functions are left out instead of refused: of payloads, whose listeners elsewhere may use them. */
  readonly dropFunctions?: boolean | undefined;
  /** Receives the sessions that were reduced to data. */
  readonly sessions?: FoundSession[] | undefined;
}

/**
 * The JSON value that crosses the border of a process for `value`: sessions as id, directories and agent path, abort signals left
 * out. Throws a `TypeError` that names the place of what JSON does not have.
 */
export function toPlain(value: unknown, options: PlainOptions = {}): unknown {
  return plain(value, options, []);
}

/** Puts the sessions that `toPlain` found back at their places, as far as those places are still there. */
export function restoreSessions(value: unknown, sessions: readonly FoundSession[]): unknown {
  for (const { path, session } of sessions) {
    const last = path.at(-1);
    if (last === undefined) return session;
    let parent: unknown = value;
    for (const key of path.slice(0, -1)) parent = isObject(parent) ? parent[key] : undefined;
    if (isObject(parent)) parent[last] = session;
  }
  return value;
}

function plain(value: unknown, options: PlainOptions, path: readonly (string | number)[]): unknown {
  if (path.length > MAX_DEPTH) throw new TypeError(`a value is nested deeper than ${String(MAX_DEPTH)}`);
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "function":
      if (options.dropFunctions === true) return undefined;
      throw new TypeError(refusal("a function", path));
    case "object":
      return value === null ? null : plainObject(value, options, path);
    default:
      throw new TypeError(refusal(`a ${typeof value}`, path));
  }
}

function plainObject(value: object, options: PlainOptions, path: readonly (string | number)[]): unknown {
  if (Array.isArray(value)) return value.map((item: unknown, index) => plain(item, options, [...path, index]));
  if (value instanceof AbortSignal) return undefined;
  if (isSession(value)) {
    options.sessions?.push({ path, session: value });
    return sessionData(value);
  }
  if ("toJSON" in value && typeof value.toJSON === "function")
    return plain(value.toJSON(), options, [...path, "toJSON"]);
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value) || value instanceof Promise) {
    throw new TypeError(refusal(`a ${value.constructor.name}`, path));
  }
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === "__proto__") continue;
    const made = plain(item, options, [...path, key]);
    if (made !== undefined) result[key] = made;
  }
  return result;
}

function sessionData({ id, projectDirectory, directory, agentPath }: Session): Readonly<Record<string, unknown>> {
  return { id, projectDirectory, directory, agentPath: [...agentPath] };
}

function isSession(value: object): value is Session {
  return (
    "append" in value &&
    typeof value.append === "function" &&
    "projectDirectory" in value &&
    "agentPath" in value &&
    Array.isArray(value.agentPath)
  );
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}

function refusal(what: string, path: readonly (string | number)[]): string {
  const place = path.length === 0 ? "the value itself" : `\`${path.join(".")}\``;
  return `${what} (at ${place}) cannot cross the border of a plugin's process, which only JSON values do`;
}
