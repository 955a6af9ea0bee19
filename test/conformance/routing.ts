import { createHash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDirectoryTree } from "../../core/platform/disk-file-tree.ts";
import { Ranker, type Candidate } from "../../marketplace/author/routing/ranker.ts";
import { readPlugin } from "../../schemas/formats/index.ts";

// Measures the ranking of prompts (decision 0024) on skills that people wrote: what their descriptions say in quotes, or after "use when", is taken
// out of them and held against sets of skills as a prompt. `--sweep` compares thresholds.

const CORPUS = fileURLToPath(new URL("../../../shared/corpus/dev", import.meta.url));
/** About as many skills as people have who have many. */
const SET = 40;
/** What must hold at least, in hundredths of the prompts. */
const BARS: Readonly<Record<string, { readonly right: number; readonly wrong: number; readonly taken: number }>> = {
  quoted: { right: 60, wrong: 16, taken: 34 },
  "use when": { right: 57, wrong: 11, taken: 24 },
};

/** A prompt, and the skill that it was taken from, without it. */
interface HeldOut {
  readonly prompt: string;
  readonly skill: Candidate;
}

/** In hundredths of the prompts. */
interface Measured {
  /** The right skill comes first. */
  readonly right: number;
  readonly none: number;
  /** Another comes first. */
  readonly wrong: number;
  /** In a set that the skill is not in at all, some skill takes it. */
  readonly taken: number;
}

function main(): number {
  if (!existsSync(CORPUS)) {
    console.log("corpus absent");
    return 0;
  }
  const skills = corpusSkills();
  const kinds = { quoted: heldOut(skills, quotedPhrases), "use when": heldOut(skills, whenSentences) };
  let met = true;
  for (const [kind, prompts] of Object.entries(kinds)) {
    const { right, none, wrong, taken } = measure(skills, prompts);
    const shares = Object.entries({ right, none, wrong, taken }).map(
      ([name, share]) => `${name} ${share.toFixed(1)} %`,
    );
    console.log(`${kind}: ${prompts.length} prompts, ${skills.length} skills in sets of ${SET}: ${shares.join(", ")}`);
    const bar = BARS[kind];
    met &&= bar !== undefined && prompts.length > 0 && right >= bar.right && wrong <= bar.wrong && taken <= bar.taken;
  }
  return met ? 0 : 1;
}

/** Every skill once, in an order that has nothing to do with its repository. */
function corpusSkills(): readonly Candidate[] {
  const byDescription = new Map<string, Candidate>();
  for (const file of globSync("**/SKILL.md", { cwd: CORPUS }).sort()) {
    const { manifest } = readPlugin(openDirectoryTree(dirname(join(CORPUS, file))), { fallbackName: "skill" });
    const skill = manifest?.contributions.find((one) => one.kind === "skill");
    if (skill === undefined || skill.description === "") continue;
    const { name, description, whenToUse } = skill;
    byDescription.set(description, { plugin: dirname(file), name, description, whenToUse });
  }
  const key = ({ plugin }: Candidate): string => createHash("sha256").update(plugin).digest("hex");
  return [...byDescription.values()].sort((left, right) => (key(left) < key(right) ? -1 : 1));
}

function heldOut(skills: readonly Candidate[], find: (text: string) => readonly string[]): readonly HeldOut[] {
  const all = skills.flatMap((skill) =>
    find(skill.description).map((prompt) => ({
      prompt,
      skill: { ...skill, description: skill.description.replaceAll(prompt, " ") },
    })),
  );
  const uses = Map.groupBy(all, ({ prompt }) => prompt.toLowerCase());
  // A prompt that several claim has no right answer.
  return all.filter(({ prompt }) => uses.get(prompt.toLowerCase())?.length === 1);
}

function quotedPhrases(text: string): readonly string[] {
  const found = [...text.matchAll(/["\u201C]([^"\u201C\u201D]{6,90})["\u201D]/gu)].map(([, phrase = ""]) => phrase);
  return found.filter((phrase) => /^\p{L}/u.test(phrase) && phrase.trim().split(/\s+/u).length >= 2);
}

function whenSentences(text: string): readonly string[] {
  return [...text.matchAll(/\buse (?:this skill )?when ([^."\u201C:]{20,200})/giu)].map(
    ([, sentence = ""]) => sentence,
  );
}

function measure(skills: readonly Candidate[], prompts: readonly HeldOut[]): Measured {
  const sets = Array.from({ length: Math.ceil(skills.length / SET) }, (_, at) =>
    skills.slice(at * SET, (at + 1) * SET),
  );
  const setOf = new Map(sets.flatMap((set, at) => set.map(({ plugin }) => [plugin, at] as const)));
  const count = { right: 0, none: 0, wrong: 0, taken: 0 };
  const whole = sets.map((set) => new Ranker(set));
  for (const { prompt, skill } of prompts) {
    const at = setOf.get(skill.plugin) ?? 0;
    const set = sets[at] ?? [];
    const [first] = new Ranker(set.map((one) => (one.plugin === skill.plugin ? skill : one))).rank(prompt);
    if (first === undefined) count.none += 1;
    else if (first.candidate.plugin === skill.plugin) count.right += 1;
    else count.wrong += 1;
    const [other] = whole[(at + 1) % whole.length]?.rank(prompt) ?? [];
    if (other !== undefined) count.taken += 1;
  }
  const share = (one: number): number => (100 * one) / prompts.length;
  const { right, none, wrong, taken } = count;
  return { right: share(right), none: share(none), wrong: share(wrong), taken: share(taken) };
}

process.exitCode = main();
