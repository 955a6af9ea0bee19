import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { isCodedError } from "../schemas/errors.ts";
import { homeOf } from "./home.ts";

/** Keeps the compiled form of what is loaded from now on in the home: large files repay that, the start path does not. */
export function keepCompiledCode(environment: Readonly<Record<string, string | undefined>>): void {
  try {
    enableCompileCache(join(homeOf(environment).cacheRoot, "compile"));
  } catch (error) {
    // A home that cannot be named is reported by whoever needs it.
    if (!isCodedError(error)) throw error;
  }
}
