import { messageOf } from "plugsmith/plugin-api";
import type { Bridge } from "./bridge.ts";
import { type ListedTool, shownText } from "./listed.ts";
import { Pins, pinsDirectory, type ServerPins } from "./pins.ts";
import type { McpServer } from "./server.ts";
import { describeServer } from "./server-source.ts";
import { compareSurface, driftLines, type SurfaceDrift, withTaken } from "./surface-drift.ts";

/** Lines of a difference that a question shows; `/mcp changes NAME` shows all. */
const MAX_LINES = 40;
/** What a yes to a tool that is locked otherwise does not do. */
const LOCK_HINT = "a yes counts on this machine alone; `plugin sync --lock-tools` locks it for the others";

/**
 * What tools said when a server first offered them, pinned by what the server is: a tool that says something else later, although
 * nothing of its configuration changed, is off until a person has seen the difference (decision 0041). So is one that says something
 * else than `plugins.lock` has of it, from the first moment on (decision 0043).
 */
export class Surfaces {
  readonly #bridge: Bridge;
  readonly #pins: Pins;
  readonly #onAccepted: () => void;
  readonly #held = new Map<string, readonly SurfaceDrift[]>();
  /** Differences that somebody was asked about or told of, by what the servers and their tools are. */
  readonly #told = new Set<string>();

  constructor(bridge: Bridge, onAccepted: () => void) {
    this.#bridge = bridge;
    this.#pins = new Pins(pinsDirectory(bridge.directory));
    this.#onAccepted = onAccepted;
  }

  /** The tools of a server that may be offered. Of servers that the person trusts, and of plugins in the making, all are. */
  admit(server: McpServer, trusted: boolean): readonly ListedTool[] {
    const tools = server.lists?.tools ?? [];
    const pinned = this.#pins.load(server);
    const isFollowed = trusted || server.source.plugin.tier === "session";
    const { same, drifted, pins } = compareSurface(pinned, tools, isFollowed ? {} : this.#lockedTools(server));
    const isTaken = tools.every(({ name }) => pinned.accepted.has(name));
    if (isFollowed && (drifted.length > 0 || !isTaken)) this.#pin(server, withTaken(pins, tools));
    else if (pins !== pinned) this.#pin(server, pins);
    else this.#seen(server, pinned);
    if (isFollowed || drifted.length === 0) this.#held.delete(server.key);
    else this.#hold(server, drifted);
    return isFollowed ? tools : same;
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

  /** Takes the tools of a server that are off as they are now; what there is to know of it. */
  accept(server: McpServer): string | undefined {
    const drifted = this.#held.get(server.key) ?? [];
    const now = drifted.map((one) => one.now);
    this.#held.delete(server.key);
    this.#pin(server, withTaken(this.#pins.load(server), now));
    this.#onAccepted();
    return drifted.some(({ locked }) => locked !== undefined) ? LOCK_HINT : undefined;
  }

  /** What the lock has of the tools of a server; read anew each time, because a reload may bring another lock. */
  #lockedTools({ source: { plugin, server } }: McpServer): Readonly<Record<string, string>> {
    const loaded = this.#bridge.plugins().find((one) => one.plugin.id === plugin.id);
    const locked = loaded?.lockedTools ?? {};
    return (Object.hasOwn(locked, server.name) ? locked[server.name] : undefined) ?? {};
  }

  #seen(server: McpServer, pins: ServerPins): void {
    try {
      this.#pins.seen(server, pins);
    } catch (error) {
      server.log.debug(`that its tools are used could not be noted: ${messageOf(error)}`);
    }
  }

  #pin(server: McpServer, pins: ServerPins): void {
    try {
      if (this.#pins.store(server, pins)) return;
      server.log.warn("what its tools say is too long to be remembered, so that a change of it is not noticed");
    } catch (error) {
      server.log.warn(`what its tools say could not be remembered: ${messageOf(error)}`);
    }
  }

  /** Whether tools are off for what a server said in an earlier run: the lock may be newer, so it has to be asked again. */
  awaitsLists(server: McpServer): boolean {
    return server.isCached && (this.#held.get(server.key) ?? []).some(({ locked }) => locked !== undefined);
  }

  #hold(server: McpServer, drifted: readonly SurfaceDrift[]): void {
    this.#held.set(server.key, drifted);
    if (this.awaitsLists(server)) return;
    const what = JSON.stringify([server.digest, drifted.map(({ now, locked }) => [now, locked])]);
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#ask(server, drifted).catch((error: unknown) => {
      if (!this.#bridge.signal.aborted) this.#bridge.log.warn(messageOf(error));
    });
  }

  async #ask(server: McpServer, drifted: readonly SurfaceDrift[]): Promise<void> {
    const { signal } = this.#bridge;
    const changed = `${describeServer(server.source)} says something else now ${driftText(drifted)}`;
    const isLocked = drifted.some(({ locked }) => locked !== undefined);
    const hint = `\`/mcp changes ${server.key}\` shows it, \`/mcp accept ${server.key}\` takes it`;
    const person = await this.#bridge.person();
    if (person === undefined) {
      const message = `${changed}, so that is off; ${hint}`;
      // In the same words wherever it is told: whoever hears both shows one.
      this.#bridge.log.warn(message);
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
        ...(isLocked ? [LOCK_HINT] : []),
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

/** Of which tools, and than what. */
function driftText(drifted: readonly SurfaceDrift[]): string {
  const named = (ones: readonly SurfaceDrift[]): string =>
    ones.map(({ now }) => `\`${shownText(now.name, 100)}\``).join(", ");
  const [pinned, locked] = [
    drifted.filter((one) => one.locked === undefined),
    drifted.filter((one) => one.locked !== undefined),
  ];
  return [
    ...(pinned.length === 0 ? [] : [`of ${named(pinned)} than when it was first used`]),
    ...(locked.length === 0 ? [] : [`of ${named(locked)} than \`plugins.lock\` says`]),
  ].join(", and ");
}
