import { CodedError } from "../../schemas/errors.ts";
import { canonicalName } from "../../schemas/names.ts";
import type { Desired } from "./desired.ts";
import { joinId, splitId } from "./ids.ts";
import type { RootState } from "./root-state.ts";

/** Refuses a plugin that is wanted for the first time while the root holds another whose name counts as the same. Throws `E_AMBIGUOUS`. */
export function refuseSimilarIds({ fresh, shared, local }: Desired, { installed }: RootState): void {
  if (fresh.size === 0) return;
  const held = [...installed.keys(), ...Object.keys(shared.plugins), ...Object.keys(local?.plugins ?? {})];
  const known = Map.groupBy(new Set(held), canonicalId);
  for (const id of fresh) {
    const twin = known.get(canonicalId(id))?.find((other) => other !== id);
    if (twin === undefined) continue;
    throw new CodedError("E_AMBIGUOUS", `\`${id}\` and \`${twin}\`, which is here already, count as one name`, {
      hint: `case, \`_\` and \`-\` make no difference; \`plugin remove ${twin}\` first`,
      data: { id, twin },
    });
  }
}

function canonicalId(id: string): string {
  const { name, market } = splitId(id);
  return joinId(canonicalName(name), canonicalName(market));
}
