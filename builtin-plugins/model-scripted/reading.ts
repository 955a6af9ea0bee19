import type { ContentBlock, ModelRequest } from "plugsmith/plugin-api";
import type { Pattern, ScriptCondition, ScriptReply } from "./script.ts";

/** One result in the newest message. */
interface ReadResult {
  readonly tool: string;
  readonly text: string;
  readonly isError: boolean;
}

/** A request as scripts see it. */
export class Reading {
  readonly #request: ModelRequest;
  readonly #newest: readonly ContentBlock[];
  readonly #results: readonly ReadResult[];
  /** What `{{…}}` stands for, filled by the condition that held. */
  readonly #values = new Map<string, string>();

  constructor(request: ModelRequest) {
    this.#request = request;
    this.#newest = request.messages.at(-1)?.content ?? [];
    this.#results = this.#readResults();
    this.#values.set("prompt", this.#results.length === 0 ? textOf(this.#newest) : "");
    this.#values.set("result", this.#results.map(({ text }) => text).join("\n"));
    this.#values.set("tools", request.tools.map(({ name }) => name).join(", "));
    for (const { tool, text } of this.#results) this.#values.set(`result.${tool}`, text);
  }

  /** Whether everything in a condition holds. */
  fits(condition: ScriptCondition = {}): boolean {
    const { prompt, result, tool, isError, system, context, tools = [] } = condition;
    if (prompt !== undefined && (this.#results.length > 0 || !this.#found(prompt, textOf(this.#newest), "prompt")))
      return false;
    if ((result ?? tool ?? isError) !== undefined && !this.#someResult(condition)) return false;
    if (system !== undefined && !this.#found(system, this.#request.system.join("\n"), "system")) return false;
    if (context !== undefined && !this.#found(context, this.#context(), "context")) return false;
    return tools.every((name) => this.#request.tools.some((listed) => listed.name === name));
  }

  /** A reply with every `{{…}}` in its texts and inputs replaced: `prompt`, `result`, `result.Tool`, `tools`, groups as `prompt.1`. */
  filled(reply: ScriptReply): ScriptReply {
    // Filling keeps the shape.
    return this.#fill(reply) as ScriptReply;
  }

  /** For the person whose script fits nothing. */
  describe(): string {
    const results = this.#results.map(({ tool, text }) => `result of ${tool}: ${text}`);
    return [textOf(this.#newest), ...results].filter((line) => line !== "").join("\n");
  }

  #someResult({ result, tool, isError }: ScriptCondition): boolean {
    return this.#results.some(
      (one) =>
        (tool === undefined || one.tool === tool) &&
        (isError === undefined || one.isError === isError) &&
        (result === undefined || this.#found(result, one.text, "result")),
    );
  }

  #found(pattern: Pattern, text: string, name: string): boolean {
    const [, source, flags] = /^\/(.+)\/([a-z]*)$/su.exec(pattern) ?? [];
    if (source === undefined) return text.includes(pattern);
    const match = new RegExp(source, flags).exec(text);
    for (const [at, group] of (match ?? []).entries()) this.#values.set(`${name}.${String(at)}`, group ?? "");
    return match !== null;
  }

  #fill(value: unknown): unknown {
    if (typeof value === "string") {
      return value.replaceAll(/\{\{\s*([\w.-]+)\s*\}\}/gu, (whole, name: string) => this.#values.get(name) ?? whole);
    }
    if (Array.isArray(value)) return value.map((item: unknown) => this.#fill(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]: [string, unknown]) => [key, this.#fill(item)]));
  }

  #context(): string {
    const { messages } = this.#request;
    return messages.flatMap(({ role, content }) => (role === "user" ? [textOf(content)] : [])).join("\n");
  }

  #readResults(): readonly ReadResult[] {
    const calls = this.#request.messages.at(-2)?.content ?? [];
    return this.#newest.flatMap((block) => {
      if (block.type !== "tool_result") return [];
      const call = calls.find((one) => one.type === "tool_use" && one.id === block.tool_use_id);
      const tool = call?.type === "tool_use" ? call.name : "";
      return [{ tool, text: textOf(block.content), isError: block.is_error === true }];
    });
  }
}

function textOf(content: readonly ContentBlock[]): string {
  return content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
}
