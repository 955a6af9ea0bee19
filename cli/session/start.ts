import { keepCompiledCode } from "../compile-cache.ts";

/** Starts `plugsmith`: the host is large, so that its compiled form is kept. */
export async function startSession(words: readonly string[]): Promise<void> {
  keepCompiledCode(process.env);
  const { sessionMain } = await import("./main.ts");
  await sessionMain(words);
}
