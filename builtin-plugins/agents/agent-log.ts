import type { AgentEvent, TaskText } from "plugsmith/plugin-api";

const MAX_CHARACTERS = 1_000_000;
const MAX_AT_ONCE = 24_000;

/** What an agent in the background has done, line by line, for whoever asks. */
export class AgentLog {
  #text = "";

  add(line: string): void {
    if (this.#text.length < MAX_CHARACTERS) this.#text += `${line}\n`;
  }

  /** What came from a place on, a piece at once. */
  from(start: number): TaskText {
    const next = Math.min(this.#text.length, start + MAX_AT_ONCE);
    return { text: this.#text.slice(start, next), next, more: next < this.#text.length };
  }
}

/** One line about an event, labelled with the agents down to the one it is of; nothing for most. */
export function lineOf({ agentPath, event }: AgentEvent): string | undefined {
  const label = agentPath.join(" › ");
  switch (event.type) {
    case "tool-start":
      return `${label}: ${event.name} ${shortened(JSON.stringify(event.input))}`;
    case "tool-progress":
    case "notice":
      return `${label}: ${event.text}`;
    case "assistant": {
      const said = event.message.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join(" ");
      return said === "" ? undefined : `${label}: ${shortened(said)}`;
    }
    default:
      return undefined;
  }
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/gu, " ");
  return line.length > 120 ? `${line.slice(0, 119).toWellFormed()}…` : line;
}
