import { renderJson, renderLines, Writer } from "./writer.ts";

/** Keeps what would be printed, both streams in their order, without colour. */
export class CapturedOutput extends Writer {
  #text = "";

  constructor() {
    super(false);
  }

  get text(): string {
    return this.#text.trimEnd();
  }

  override get stdoutIsTerminal(): boolean {
    return false;
  }

  override get stderrIsTerminal(): boolean {
    return false;
  }

  override out(lines: readonly string[]): void {
    this.#text += renderLines(lines, false);
  }

  override err(lines: readonly string[]): void {
    this.#text += renderLines(lines, false);
  }

  override json(document: unknown): void {
    this.#text += renderJson(document);
  }

  override jsonLine(value: unknown): void {
    this.#text += `${JSON.stringify(value)}\n`;
  }

  /** Progress is for those who watch. */
  override status(): void {}
}
