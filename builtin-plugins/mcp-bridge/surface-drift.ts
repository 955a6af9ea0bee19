import { isObject } from "plugsmith/plugin-api";
import type { ListedTool } from "./listed.ts";

/** A tool that says something else than it did when it was first offered. */
export interface SurfaceDrift {
  readonly before: ListedTool;
  readonly now: ListedTool;
}

/** What a server lists, against what was pinned of it. */
export interface ComparedSurface {
  /** As pinned, or never seen before: such a tool has a name that no permission was given to. */
  readonly same: readonly ListedTool[];
  readonly drifted: readonly SurfaceDrift[];
  /** The pins with what came; a tool that went stays pinned, so that it cannot come back as another. */
  readonly pins: readonly ListedTool[];
}

/** Compares what a model is shown of tools: name, description, schemas and the word that a tool only reads. */
export function compareSurface(pinned: readonly ListedTool[], listed: readonly ListedTool[]): ComparedSurface {
  const before = new Map(pinned.map((tool) => [tool.name, tool]));
  const same: ListedTool[] = [];
  const drifted: SurfaceDrift[] = [];
  const came: ListedTool[] = [];
  for (const now of listed) {
    const old = before.get(now.name);
    if (old !== undefined && surfaceText(old) !== surfaceText(now)) drifted.push({ before: old, now });
    else same.push(now);
    if (old === undefined) {
      before.set(now.name, now);
      came.push(now);
    }
  }
  return { same, drifted, pins: came.length === 0 ? pinned : [...pinned, ...came] };
}

/** A readable difference of one tool: a header and the lines that went and came. */
export async function driftLines({ before, now }: SurfaceDrift): Promise<readonly string[]> {
  const { structuredPatch } = await import("diff");
  const { hunks } = structuredPatch("before", "now", surfaceText(before), surfaceText(now), "", "", { context: 1 });
  return [`tool \`${now.name.slice(0, 100)}\``, ...hunks.flatMap(({ lines }) => lines)];
}

/** The order in which a schema writes its keys says nothing. */
function surfaceText({ description, inputSchema, outputSchema, readOnlyHint }: ListedTool): string {
  const schemas = { inputSchema, ...(outputSchema !== undefined && { outputSchema }), readOnlyHint };
  return `${description}\n${JSON.stringify(schemas, sortedKeys, 2)}\n`;
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
