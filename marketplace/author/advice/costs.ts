import type { Diagnostic } from "../../../schemas/diagnostic.ts";
import { tokenEstimate } from "../../../schemas/formats/token-estimate.ts";
import { PERCENTILES } from "./percentiles.ts";
import { advice, type AdviceSubject } from "./subject.ts";

const BYTES_PER_TOKEN = 4;

/** Advice about what a plugin costs: in every session, and when one of its skills is used. */
export function costAdvice({ manifest, tree }: AdviceSubject): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const listed = tokenEstimate(manifest);
  if (listed > PERCENTILES.listedTokens) {
    const message = `the plugin costs about ${amount(listed)} tokens in every session, more than 95 of 100 plugins do`;
    const hint =
      "shorten descriptions, split the plugin, or set `disable-model-invocation` where only people start something";
    found.push(advice("A_TOKENS_LISTED", message, manifest.provenance["name"] ?? { file: "" }, hint));
  }
  for (const contribution of manifest.contributions) {
    if (contribution.kind !== "skill") continue;
    const node = tree.stat(contribution.file);
    const tokens = node?.kind === "file" ? Math.ceil(node.bytes / BYTES_PER_TOKEN) : 0;
    if (tokens <= PERCENTILES.skillTokens) continue;
    const message = `skill \`${contribution.name}\` costs about ${amount(tokens)} tokens when it is used, more than 95 of 100 do`;
    const hint = "move what is rarely needed into files of its folder, and name them in the text";
    found.push(advice("A_TOKENS_SKILL", message, { file: contribution.file }, hint));
  }
  return found;
}

function amount(number: number): string {
  return number.toLocaleString("en");
}
