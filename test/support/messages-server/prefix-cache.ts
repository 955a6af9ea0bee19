import { createHash } from "node:crypto";
import { blocksOf, type SentRequest } from "./request.ts";

/** Tokens of one request as the service bills them. */
export interface CountedTokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

const CHARACTERS_A_TOKEN = 4;

/** Remembers the prefixes up to each cache mark, as the service does: tools, then the system prompt, then messages. */
export class PrefixCache {
  readonly #known = new Set<string>();

  /** Counts a request and stores its marked prefixes. */
  count(request: SentRequest): CountedTokens {
    const hash = createHash("sha256").update(request.model);
    let total = 0;
    let read = 0;
    let marked = 0;
    for (const piece of pieces(request)) {
      hash.update(piece.text).update("\0");
      total += tokensOf(piece.text);
      const prefix = hash.copy().digest("base64");
      // The service looks back from each mark: any prefix that an earlier mark stored counts.
      if (this.#known.has(prefix)) read = total;
      if (!piece.marked) continue;
      this.#known.add(prefix);
      marked = total;
    }
    const write = Math.max(0, marked - read);
    return { input: total - read - write, cacheRead: read, cacheWrite: write };
  }
}

/** Tokens of a whole request, by a rule of thumb that is the same every time. */
export function requestTokens(request: SentRequest): number {
  return pieces(request).reduce((sum, { text }) => sum + tokensOf(text), 0);
}

/** A request in the order in which the service reads it, without its cache marks: equal pieces are equal bytes to the model. */
export function pieces(request: SentRequest): readonly Piece[] {
  const piece = (prefix: string, item: object): Piece => {
    const { cache_control: mark, ...rest } = item as { readonly cache_control?: unknown };
    return { text: prefix + JSON.stringify(rest), marked: mark !== undefined };
  };
  return [
    ...(request.tools ?? []).map((tool) => piece("tool ", tool)),
    ...blocksOf(request.system).map((block) => piece("system ", block)),
    ...request.messages.flatMap(({ role, content }) => blocksOf(content).map((block) => piece(`${role} `, block))),
  ];
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_A_TOKEN);
}
