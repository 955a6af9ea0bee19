import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { KeptFiles, readKept } from "./kept-files.ts";
import { readLists, type ListedTool } from "./listed.ts";
import type { McpServer } from "./server.ts";

/** What was pinned of a server. */
export interface ServerPins {
  readonly tools: readonly ListedTool[];
  /** Names of those that a person took as they are pinned, whatever the lock says. */
  readonly accepted: ReadonlySet<string>;
}

/** Pins with the server that they are of. */
export interface OwnedPins extends ServerPins {
  /** Id of the plugin. */
  readonly plugin: string;
  /** Where its files were. */
  readonly directory: string;
  readonly server: string;
}

const NONE: ServerPins = { tools: [], accepted: new Set() };

/** The pins of all servers, one file each, named after the server's digest. */
export class Pins {
  readonly #files: KeptFiles;
  readonly #seen = new WeakSet<McpServer>();

  constructor(directory: string) {
    this.#files = new KeptFiles(directory);
  }

  load({ digest }: McpServer): ServerPins {
    const value = this.#files.load(digest);
    return value === undefined ? NONE : readPins(value);
  }

  /** Whether they are kept: not when they are too long. Throws what the file system says. */
  store(server: McpServer, { tools, accepted }: ServerPins): boolean {
    this.#seen.add(server);
    const { plugin, server: contribution } = server.source;
    const owner = { plugin: plugin.id, directory: plugin.directory, server: contribution.name };
    return this.#files.store(server.digest, { ...owner, accepted: [...accepted].sort(), tools });
  }

  /**
   * Notes that a server takes part with the pins that it has: of several of one server, of other options, the last ones count
   * for the lock. Throws what the file system says.
   */
  seen(server: McpServer, pins: ServerPins): void {
    if (this.#seen.has(server) || pins.tools.length === 0) return;
    this.#seen.add(server);
    // Older files do not say whose they are.
    if (typeof this.#files.load(server.digest)?.["server"] === "string") this.#files.touch(server.digest, new Date());
    else this.store(server, pins);
  }
}

function readPins(value: Readonly<Record<string, unknown>>): ServerPins {
  const { tools } = readLists(value, () => undefined);
  const accepted: readonly unknown[] = Array.isArray(value["accepted"]) ? value["accepted"] : [];
  return { tools, accepted: new Set(accepted.filter((name) => typeof name === "string")) };
}

/** The pins in the data folder of a bridge, those that were used last first. */
export function pinsOf(dataDirectory: string): readonly OwnedPins[] {
  const directory = pinsDirectory(dataDirectory);
  const files = (namesIn(directory) ?? [])
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(directory, name));
  const dated = files.map((file) => ({ file, usedMs: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  return dated
    .sort((left, right) => right.usedMs - left.usedMs)
    .flatMap(({ file }) => {
      const value = readKept(file);
      if (value === undefined) return [];
      const { plugin, directory: place, server } = value;
      if (typeof plugin !== "string" || typeof place !== "string" || typeof server !== "string") return [];
      return [{ ...readPins(value), plugin, directory: place, server }];
    });
}

/** Where a bridge with this data folder keeps its pins. */
export function pinsDirectory(dataDirectory: string): string {
  return join(dataDirectory, "pins");
}

function namesIn(directory: string): readonly string[] | undefined {
  try {
    return readdirSync(directory);
  } catch {
    // Absent before the first server was used.
    return undefined;
  }
}
