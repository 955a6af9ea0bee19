import type { Exclusively } from "../../plugin-api/service-contracts.ts";
import { isCodedError } from "../../schemas/errors.ts";

/**
 * Looks at a home, and when something seems wrong looks again while it holds the home: what another process is changing at that
 * moment seems damaged. What is seen of a home that cannot be held is told as it is. Throws `E_INTERRUPTED`.
 */
export async function settled<Seen>(
  exclusively: Exclusively,
  look: () => Promise<Seen>,
  isWrong: (seen: Seen) => boolean,
): Promise<Seen> {
  const seen = await look();
  if (!isWrong(seen)) return seen;
  try {
    return await exclusively(look);
  } catch (error) {
    if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
    return seen;
  }
}
