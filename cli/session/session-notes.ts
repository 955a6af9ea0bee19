import type { BootTree } from "../../core/observe/boot-tree.ts";
import type { Writer } from "../print/writer.ts";
import { troubleOf } from "./boot.ts";

/** What a person hears beside the answer: each message once, whoever says it. */
export class SessionNotes {
  readonly #writer: Writer;
  readonly #said = new Set<string>();

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** `label` is `note`, or the level of a log with the plugin that wrote it. */
  say(label: string, message: string, hint?: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#writer.err([`${label}: ${message}`, ...(hint === undefined ? [] : [`  hint: ${hint}`])]);
  }

  /** Names the plugins that take no part, which the answer would not show. */
  troubles({ plugins }: BootTree): void {
    for (const node of plugins) {
      const trouble = troubleOf(node.state);
      if (trouble === undefined) continue;
      const { message, hint } = trouble;
      this.say("note", message.includes(node.id) ? message : `\`${node.id}\` takes no part: ${message}`, hint);
    }
  }
}
