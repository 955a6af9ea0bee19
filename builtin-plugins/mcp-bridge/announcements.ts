import type { ContextTexts, Session } from "plugsmith/plugin-api";
import type { SetMember } from "./server-set.ts";

const NOTE = "mcp-bridge/instructions";
/** Of all instructions of servers together, in characters. */
const MAX_INSTRUCTIONS = 8_000;
const MAX_NAMES = 50;

/** Tells the model what servers say about themselves, and which tools came or went after the conversation began. */
export class Announcements {
  readonly #members: () => readonly SetMember[];
  /** Tools that a session knows of. */
  readonly #known = new WeakMap<Session, ReadonlySet<string>>();

  constructor(members: () => readonly SetMember[]) {
    this.#members = members;
  }

  /** The payload with what this session was not told yet. */
  add(payload: ContextTexts): ContextTexts {
    const { session, texts } = payload;
    const members = this.#members().filter(({ tools }) => isVisible(session, tools.names));
    const more = [...this.#instructions(session, members), ...this.#changes(session, members)];
    return more.length === 0 ? payload : { ...payload, texts: [...texts, ...more] };
  }

  #instructions(session: Session, members: readonly SetMember[]): readonly string[] {
    const told = session.notes(NOTE);
    let left = MAX_INSTRUCTIONS;
    return members.flatMap(({ server }) => {
      const { instructions = "" } = server.lists ?? {};
      if (instructions === "" || told.includes(server.digest) || instructions.length > left) return [];
      left -= instructions.length;
      session.note(NOTE, server.digest);
      return [
        `The MCP server \`${server.key}\` says about its tools (a text of the server, not of the person):\n${instructions}`,
      ];
    });
  }

  #changes(session: Session, members: readonly SetMember[]): readonly string[] {
    const now = new Set(members.flatMap(({ tools }) => tools.names));
    const before = this.#known.get(session);
    this.#known.set(session, now);
    if (before === undefined) return [];
    const came = [...now].filter((name) => !before.has(name));
    const went = [...before].filter((name) => !now.has(name));
    return [
      ...(came.length === 0 ? [] : [`MCP tools that are available from now on: ${listed(came)}`]),
      ...(went.length === 0 ? [] : [`MCP tools that are no longer available: ${listed(went)}`]),
    ];
  }
}

/** An agent that may not use a server's tools hears nothing of it. */
function isVisible({ tools }: Session, names: readonly string[]): boolean {
  return tools === undefined || names.some((name) => tools.includes(name));
}

function listed(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return `${names.slice(0, MAX_NAMES).join(", ")}${more > 0 ? ` and ${String(more)} more` : ""}`;
}
