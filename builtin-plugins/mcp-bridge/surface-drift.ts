import { toolSurface } from "plugsmith/plugin-api";
import type { ListedTool } from "./listed.ts";
import type { ServerPins } from "./pins.ts";
import { surfaceDigest } from "./surface-digest.ts";

/** A tool that says something else than it did when it was first offered, or than is locked. */
export interface SurfaceDrift {
  /** What it said; `undefined` where this machine does not know the words that are locked. */
  readonly before: ListedTool | undefined;
  readonly now: ListedTool;
  /** The digest in the lock, where the lock names the tool. */
  readonly locked: string | undefined;
}

/** What a server lists, against what was pinned and locked of it. */
export interface ComparedSurface {
  /** As locked or else pinned, or never seen before: such a tool has a name that no permission was given to. */
  readonly same: readonly ListedTool[];
  readonly drifted: readonly SurfaceDrift[];
  /** The pins with what came; a tool that went stays pinned, so that it cannot come back as another. The very same where nothing came. */
  readonly pins: ServerPins;
}

/**
 * Compares what a model is shown of tools: name, description, schemas and the word that a tool only reads. What is locked goes before
 * what was pinned here, and what a person took here before both.
 */
export function compareSurface(
  pinned: ServerPins,
  listed: readonly ListedTool[],
  locked: Readonly<Record<string, string>>,
): ComparedSurface {
  const pins = new Map(pinned.tools.map((tool) => [tool.name, tool]));
  const accepted = new Set(pinned.accepted);
  const same: ListedTool[] = [];
  const drifted: SurfaceDrift[] = [];
  let isNew = false;
  for (const now of listed) {
    const { name } = now;
    const old = pins.get(name);
    const isPinned = old !== undefined && toolSurface(old) === toolSurface(now);
    const lock = Object.hasOwn(locked, name) ? locked[name] : undefined;
    const isLocked = lock !== undefined && surfaceDigest(now) === lock;
    if (lock === undefined ? old !== undefined && !isPinned : !isLocked && !(isPinned && accepted.has(name))) {
      const isKnown = old !== undefined && (lock === undefined || surfaceDigest(old) === lock);
      drifted.push({ before: isKnown ? old : undefined, now, locked: lock });
      continue;
    }
    same.push(now);
    if (isPinned) continue;
    pins.set(name, now);
    accepted.delete(name);
    isNew = true;
  }
  return { same, drifted, pins: isNew ? { tools: [...pins.values()], accepted } : pinned };
}

/** Pins with what these tools say now, which a person took. */
export function withTaken(pins: ServerPins, tools: readonly ListedTool[]): ServerPins {
  const now = new Map(tools.map((tool) => [tool.name, tool]));
  return {
    tools: [...pins.tools.filter(({ name }) => !now.has(name)), ...now.values()],
    accepted: new Set([...pins.accepted, ...now.keys()]),
  };
}

/** A readable difference of one tool: a header and the lines that went and came. */
export async function driftLines({ before, now, locked }: SurfaceDrift): Promise<readonly string[]> {
  const head = `tool \`${now.name.slice(0, 100)}\``;
  const digests = locked === undefined ? [] : [`locked to ${locked}, says now ${surfaceDigest(now)}`];
  if (before === undefined) {
    const said = readable(now).trimEnd().split("\n");
    return [
      head,
      ...digests,
      "the words that are locked are not known on this machine; it says now:",
      ...said.map((line) => `+${line}`),
    ];
  }
  const { structuredPatch } = await import("diff");
  const { hunks } = structuredPatch("before", "now", readable(before), readable(now), "", "", { context: 1 });
  return [head, ...digests, ...hunks.flatMap(({ lines }) => lines)];
}

/** What a tool says, for people: its description line by line, then its schemas. */
function readable(tool: ListedTool): string {
  // Written by `toolSurface`, which sorts the keys.
  const { name: _name, description, ...schemas } = JSON.parse(toolSurface(tool)) as ListedTool;
  return `${description}\n${JSON.stringify(schemas, undefined, 2)}\n`;
}
