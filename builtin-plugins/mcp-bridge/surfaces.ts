import { join } from "node:path";
import { messageOf } from "plugsmith/plugin-api";
import type { Bridge } from "./bridge.ts";
import { ListCache } from "./list-cache.ts";
import { type ListedTool, shownText } from "./listed.ts";
import type { McpServer } from "./server.ts";
import { describeServer } from "./server-source.ts";
import { compareSurface, driftLines, type SurfaceDrift } from "./surface-drift.ts";

/** Lines of a difference that a question shows; `/mcp changes NAME` shows all. */
const MAX_LINES = 40;
const NOTHING = { instructions: "", prompts: [], resources: [], completes: false, subscribes: false };

/**
 * What tools said when a server first offered them, pinned by what the server is: a tool that says something else later, although
 * nothing of its configuration changed, is off until a person has seen the difference (decision 0041).
 */
export class Surfaces {
  readonly #bridge: Bridge;
  readonly #pins: ListCache;
  readonly #onAccepted: () => void;
  readonly #held = new Map<string, readonly SurfaceDrift[]>();
  /** Differences that somebody was asked about or told of, by what the servers and their tools are. */
  readonly #told = new Set<string>();

  constructor(bridge: Bridge, onAccepted: () => void) {
    this.#bridge = bridge;
    this.#pins = new ListCache(join(bridge.directory, "pins"));
    this.#onAccepted = onAccepted;
  }

  /** The tools of a server that may be offered. Of servers that the person trusts, and of plugins in the making, all are. */
  admit(server: McpServer, trusted: boolean): readonly ListedTool[] {
    const tools = server.lists?.tools ?? [];
    const pinned = this.#pins.load(server.digest)?.tools ?? [];
    const { same, drifted, pins } = compareSurface(pinned, tools);
    if (trusted || server.source.plugin.tier === "session") {
      if (drifted.length > 0 || pins !== pinned) this.#pin(server, merged(pins, tools));
      this.#held.delete(server.key);
      return tools;
    }
    if (pins !== pinned) this.#pin(server, pins);
    if (drifted.length === 0) this.#held.delete(server.key);
    else this.#hold(server, drifted);
    return same;
  }

  /** How many tools of a server are off. */
  heldBack(server: McpServer): number {
    return this.#held.get(server.key)?.length ?? 0;
  }

  /** Everything that changed in the tools that are off. */
  async changes(server: McpServer): Promise<readonly string[]> {
    const drifted = this.#held.get(server.key) ?? [];
    return (await Promise.all(drifted.map(driftLines))).flat();
  }

  /** Takes the tools of a server as they are now; whether any was off. */
  accept(server: McpServer): boolean {
    const drifted = this.#held.get(server.key);
    if (drifted === undefined) return false;
    const pinned = this.#pins.load(server.digest)?.tools ?? [];
    this.#held.delete(server.key);
    const now = drifted.map((one) => one.now);
    this.#pin(server, merged(pinned, now));
    this.#onAccepted();
    return true;
  }

  #pin(server: McpServer, tools: readonly ListedTool[]): void {
    try {
      if (this.#pins.store(server.digest, { ...NOTHING, tools })) return;
      server.log.warn("what its tools say is too long to be remembered, so that a change of it is not noticed");
    } catch (error) {
      server.log.warn(`what its tools say could not be remembered: ${messageOf(error)}`);
    }
  }

  #hold(server: McpServer, drifted: readonly SurfaceDrift[]): void {
    this.#held.set(server.key, drifted);
    const what = JSON.stringify([server.digest, drifted.map(({ now }) => now)]);
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#ask(server, drifted).catch((error: unknown) => {
      if (!this.#bridge.signal.aborted) this.#bridge.log.warn(messageOf(error));
    });
  }

  async #ask(server: McpServer, drifted: readonly SurfaceDrift[]): Promise<void> {
    const { signal } = this.#bridge;
    const names = drifted.map(({ now }) => `\`${shownText(now.name, 100)}\``).join(", ");
    const changed = `${describeServer(server.source)} says something else now of ${names} than when it was first used`;
    const hint = `\`/mcp changes ${server.key}\` shows it, \`/mcp accept ${server.key}\` takes it`;
    const person = await this.#bridge.person();
    if (person === undefined) {
      const message = `${changed}, so that is off; ${hint}`;
      server.log.warn(message);
      this.#bridge.notify("mcp-tools-changed", message);
      return;
    }
    const lines = await this.changes(server);
    const more = lines.length - MAX_LINES;
    const answer = await person.ask({
      kind: "trust",
      title: `${changed}: use it as it is now?`,
      detail: [
        ...lines.slice(0, MAX_LINES).map((line) => shownText(line).replaceAll(/[\n\r]+/gu, " ")),
        ...(more > 0 ? [`${String(more)} more lines; ${hint}`] : []),
      ],
      agentPath: [],
      choices: [
        { id: "allow", label: "yes" },
        { id: "deny", label: "no, leave it off" },
      ],
      signal,
    });
    if (answer?.choice === "allow" && !signal.aborted) this.accept(server);
  }
}

/** Pins with what the same tools say now. */
function merged(pins: readonly ListedTool[], tools: readonly ListedTool[]): readonly ListedTool[] {
  const now = new Map(tools.map((tool) => [tool.name, tool]));
  return [...pins.filter(({ name }) => !now.has(name)), ...now.values()];
}
