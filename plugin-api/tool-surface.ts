import { isObject } from "./values.ts";

/** A tool of an MCP server as a model is shown it: hidden characters are out of the texts, and what is too long is cut. */
export interface SaidTool {
  readonly name: string;
  /** At most 2,048 characters; a longer one is cut and ends in `…`. */
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
  /** Its own word that it changes nothing. */
  readonly readOnlyHint: boolean;
}

/**
 * Everything that a tool says, as JSON with sorted keys: equal for tools that say the same. `lockedTools` has the SHA-256 of this text
 * in UTF-8.
 */
export function toolSurface(tool: SaidTool): string {
  const { name, description, inputSchema, outputSchema, readOnlyHint } = tool;
  const said = {
    name,
    description,
    inputSchema,
    ...(outputSchema !== undefined && { outputSchema }),
    readOnlyHint,
  };
  return JSON.stringify(said, sortedKeys);
}

/** The order in which a schema writes its keys says nothing. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
