import { Worker } from "node:worker_threads";
import type { FoundFile, SearchMessage, SearchRequest } from "./search-request.ts";

const BUDGET_MS = 20_000;
const MAX_HEAP_MB = 512;

/** What a search found before it ended. */
export interface SearchResult {
  readonly files: readonly FoundFile[];
  /** Why there may be more; nothing when there is no more. */
  readonly notes: readonly string[];
}

/** Runs a search within a time budget; a pattern that takes too long is ended with what was found so far. */
export async function search(
  request: SearchRequest,
  signal: AbortSignal,
  budgetMs: number = BUDGET_MS,
): Promise<SearchResult> {
  signal.throwIfAborted();
  const files: FoundFile[] = [];
  // The worker lies beside this file, as source and when built.
  const place = new URL(import.meta.url.endsWith(".ts") ? "./search-worker.ts" : "./search-worker.js", import.meta.url);
  const worker = new Worker(place, {
    workerData: request,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
  const abort = (): void => reject(signal.reason);
  const timer = setTimeout(() => {
    resolve([`the search was ended after ${String(budgetMs / 1000)} s; use a simpler pattern or a smaller \`path\``]);
  }, budgetMs);
  signal.addEventListener("abort", abort, { once: true });
  // Only `search-worker.ts` posts.
  worker.on("message", (message: SearchMessage) => {
    if (message.type === "found") files.push(...message.files);
    else resolve(notes(message));
  });
  worker.on("error", reject);
  try {
    return { notes: await promise, files };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    await worker.terminate();
  }
}

function notes({ complete, tooLarge }: Extract<SearchMessage, { readonly type: "done" }>): readonly string[] {
  return [
    ...(complete ? [] : ["there are more results than are collected; narrow the search"]),
    ...(tooLarge === 0 ? [] : [`${String(tooLarge)} files over 16 MB were not searched`]),
  ];
}
