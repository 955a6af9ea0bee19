/** A block of a message as a client sends it. */
export interface SentBlock {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: string;
  readonly signature?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly tool_use_id?: string;
  readonly content?: string | readonly SentBlock[];
  readonly is_error?: boolean;
  readonly cache_control?: unknown;
}

/** A message as a client sends it. */
export interface SentMessage {
  readonly role: string;
  readonly content: string | readonly SentBlock[];
}

/** A tool as a client sends it. */
export interface SentTool {
  readonly name: string;
  readonly description?: string;
  readonly input_schema?: Readonly<Record<string, unknown>>;
  readonly cache_control?: unknown;
}

/** The body of a request to `POST /v1/messages`. */
export interface SentRequest {
  readonly model: string;
  readonly max_tokens: number;
  readonly stream?: boolean;
  readonly system?: string | readonly SentBlock[];
  readonly messages: readonly SentMessage[];
  readonly tools?: readonly SentTool[];
  readonly output_config?: { readonly effort?: string };
}

/** The blocks of a message or system prompt; a bare text is one block. */
export function blocksOf(content: string | readonly SentBlock[] | undefined): readonly SentBlock[] {
  if (content === undefined) return [];
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** The texts of the newest message, one under the other. */
export function lastText(request: SentRequest): string {
  return blocksOf(request.messages.at(-1)?.content)
    .flatMap(({ type, text }) => (type === "text" ? [text ?? ""] : []))
    .join("\n");
}

/** The tool results of the newest message: text and whether it is an error, by the id of the call. */
export function lastResults(
  request: SentRequest,
): ReadonlyMap<string, { readonly text: string; readonly isError: boolean }> {
  const results = new Map<string, { readonly text: string; readonly isError: boolean }>();
  for (const block of blocksOf(request.messages.at(-1)?.content)) {
    if (block.type !== "tool_result" || block.tool_use_id === undefined) continue;
    const text = blocksOf(block.content)
      .map((part) => part.text ?? "")
      .join("\n");
    results.set(block.tool_use_id, { text, isError: block.is_error === true });
  }
  return results;
}
