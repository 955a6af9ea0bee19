import type { Diagnostic } from "../../../schemas/diagnostic.ts";
import type { FileTree } from "../../../schemas/formats/file-tree.ts";
import type { AgentContribution, Provenance, SkillContribution } from "../../../schemas/plugin-manifest.ts";
import { PERCENTILES } from "./percentiles.ts";
import { advice, type AdviceSubject } from "./subject.ts";

/** Longer ones are a warning already. */
const CUT_LENGTH = 1_024;

/** Words by which a description says when its skill is wanted. */
const WHEN =
  /\b(?:when(?:ever)?|use(?:d|ful)? (?:this|it|for|to|after|before|if|proactively|as)|before|after|if|asks?|asked|triggers?|for|proactively)\b/iu;
/** A description in another script than the words of `WHEN` are of is not judged by them. */
const LATIN = /^[\u0000-\u024F\u2000-\u22FF]*$/u;

/** Advice about what a model reads to choose a skill or an agent. */
export function descriptionAdvice({ manifest, tree }: AdviceSubject): readonly Diagnostic[] {
  return manifest.contributions.flatMap((contribution) => {
    if (contribution.kind === "agent") return about(contribution, contribution.description, tree);
    if (contribution.kind !== "skill" || !contribution.modelInvocable) return [];
    return about(contribution, [contribution.description, contribution.whenToUse ?? ""].join(" ").trim(), tree);
  });
}

function about(
  { kind, name, file }: SkillContribution | AgentContribution,
  text: string,
  tree: FileTree,
): readonly Diagnostic[] {
  const what = `the description of ${kind} \`${name}\``;
  const low = kind === "skill" ? PERCENTILES.skillDescriptionLow : PERCENTILES.agentDescriptionLow;
  const high = kind === "skill" ? PERCENTILES.skillDescriptionHigh : PERCENTILES.agentDescriptionHigh;
  if (text.length < low) {
    const message = `${what} has ${text.length} characters, fewer than 95 of 100 have: a model has little to choose it by`;
    const hint = "say what it does and when to use it, with the words that people use for it";
    return [advice("A_DESCRIPTION_SHORT", message, placeOf(tree, file), hint)];
  }
  const found: Diagnostic[] = [];
  if (LATIN.test(text) && !WHEN.test(text)) {
    const hint = "add a sentence such as `Use when somebody asks for ...`";
    found.push(advice("A_DESCRIPTION_WHEN", `${what} does not say when to use it`, placeOf(tree, file), hint));
  }
  if (text.length > high && (kind === "agent" || text.length <= CUT_LENGTH)) {
    const message = `${what} has ${text.length} characters, more than 95 of 100 have: every session pays for them`;
    const hint = "keep what tells it from others, and move the rest into the text";
    found.push(advice("A_DESCRIPTION_LONG", message, placeOf(tree, file), hint));
  }
  return found;
}

/** The line of the description in its file. */
function placeOf(tree: FileTree, file: string): Provenance {
  const bytes = tree.read(file);
  if (bytes === undefined) return { file };
  const lines = new TextDecoder().decode(bytes).split("\n", 100);
  const at = lines.findIndex((line) => /^description\s*:/u.test(line));
  return { file, line: at + 1 || 1, column: 1 };
}
