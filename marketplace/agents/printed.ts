import type * as z from "zod";
import { CodedError } from "../../schemas/errors.ts";

/** What an agent's program printed as JSON. Throws `E_AGENT_PROGRAM` when it is not of the shape that is known here. */
export function printed<T>(shape: z.ZodType<T>, output: string, title: string): T {
  const read = shape.safeParse(parse(output));
  if (read.success) return read.data;
  throw new CodedError("E_AGENT_PROGRAM", `${title} printed something unexpected: ${output.trim().slice(0, 200)}`, {
    hint: "a newer version of it may speak otherwise; please report it with the version that `plugin agents` shows",
  });
}

function parse(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    // Told as what it is: not the expected shape.
    return undefined;
  }
}
