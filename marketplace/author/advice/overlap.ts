import type { Diagnostic } from "../../../schemas/diagnostic.ts";
import type { SkillContribution } from "../../../schemas/plugin-manifest.ts";
import { PERCENTILES } from "./percentiles.ts";
import { advice, type AdviceSubject } from "./subject.ts";
import { overlaps, triggerWords } from "./trigger-words.ts";

/** Advice about skills of one set that a model can hardly tell apart; the files are relative to what is validated. */
export function overlapAdvice(subjects: readonly AdviceSubject[]): readonly Diagnostic[] {
  const skills = subjects.flatMap(({ manifest, folder }) =>
    manifest.contributions.flatMap((contribution) =>
      contribution.kind === "skill" && contribution.modelInvocable
        ? [{ skill: contribution, plugin: manifest.name, folder, words: wordsOf(contribution) }]
        : [],
    ),
  );
  const found = overlaps(
    skills.map(({ words }) => words),
    PERCENTILES.overlap,
  );
  return found.flatMap(({ left, right, share }) => {
    const [first, second] = [skills[left], skills[right]];
    if (first === undefined || second === undefined) return [];
    const named = ({ plugin, skill }: typeof first): string => `\`${plugin}:${skill.name}\``;
    const shared = [...second.words].flatMap(([stem, word]) => (first.words.has(stem) ? [word] : [])).slice(0, 6);
    const message = `skills ${named(first)} and ${named(second)} share ${Math.round(share * 100)} % of their words (${shared.join(", ")}): a model can hardly tell them apart`;
    const file = [second.folder, second.skill.file].filter((part) => part !== "").join("/");
    return [
      advice("A_TRIGGER_OVERLAP", message, { file }, "say in each what it does and the other does not, or join them"),
    ];
  });
}

function wordsOf({ name, description, whenToUse = "" }: SkillContribution): ReadonlyMap<string, string> {
  return triggerWords(name.replaceAll("-", " "), `${description} ${whenToUse}`);
}
