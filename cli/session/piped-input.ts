import type { Readable } from "node:stream";

/** How long what may be piped in beside a prompt is waited for: a program can leave its end of the pipe open and say nothing. */
export const FIRST_BYTE_MS = 3_000;

/** Reads what is piped in to its end; `undefined` when not a byte came within `patienceMs`. Rejects with what the stream fails with. */
export async function pipedInput(stream: Readable, patienceMs: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const timer = Number.isFinite(patienceMs) ? setTimeout(() => resolve(false), patienceMs) : undefined;
  const add = (chunk: Buffer): void => {
    clearTimeout(timer);
    chunks.push(chunk);
  };
  const end = (): void => resolve(true);
  stream.on("data", add).once("end", end).once("error", reject);
  try {
    return (await promise) ? Buffer.concat(chunks).toString("utf8") : undefined;
  } finally {
    clearTimeout(timer);
    stream.off("data", add).off("end", end).off("error", reject).pause();
  }
}
