const MAX_LINES = 100;
const MAX_LINE = 2_000;

/** The lines that a monitor printed since the model was last told; of too many the newest are kept. */
export class MonitorLines {
  #rest = "";
  #lines: string[] = [];
  #dropped = 0;

  /** Adds output; a line counts once it is ended, or too long to wait for its end. */
  add(text: string): void {
    const parts = (this.#rest + text).split(/\r?\n/u);
    this.#rest = parts.pop() ?? "";
    for (const line of parts) this.#keep(line);
    if (this.#rest.length <= MAX_LINE) return;
    this.#keep(this.#rest);
    this.#rest = "";
  }

  /** What is new, each line once. */
  take(): readonly string[] {
    const dropped = this.#dropped === 0 ? [] : [`(${String(this.#dropped)} lines before these were left out)`];
    const lines = [...dropped, ...this.#lines];
    this.#lines = [];
    this.#dropped = 0;
    return lines;
  }

  #keep(line: string): void {
    if (line.trim() === "") return;
    this.#lines.push(line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line);
    if (this.#lines.length <= MAX_LINES) return;
    this.#lines.shift();
    this.#dropped += 1;
  }
}
