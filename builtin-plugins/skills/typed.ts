import type { Expansion, Session, TurnState } from "plugsmith/plugin-api";
import type { Catalog } from "./catalog.ts";
import type { Invoker } from "./invocation.ts";
import type { SkillSettings } from "./settings.ts";
import type { Skill } from "./skill.ts";

/** Skills that one prompt may begin with (formats.md §4.5). */
const MAX_STACKED = 6;
const TOKEN = /^\/(\S+)(?:\s+|$)/u;

/** What a person typed behind a slash. */
export interface TypedPrompt {
  readonly session: Session;
  readonly text: string;
  readonly callId: string;
  readonly signal: AbortSignal;
}

/** Expands a prompt that begins with the names of skills; `undefined` when its first name is none. */
export async function expandTyped(
  { session, text, callId, signal }: TypedPrompt,
  catalog: Catalog,
  settings: SkillSettings,
  invoker: Invoker,
): Promise<Expansion | undefined> {
  const name = TOKEN.exec(text)?.[1] ?? "";
  const found = catalog.find(name);
  const refused = (answer: string): Expansion => ({
    content: [],
    name,
    kind: "skill",
    args: "",
    answer,
    failed: `\`/${name}\` was not run`,
  });
  switch (found.kind) {
    case "unknown":
      return undefined;
    case "ambiguous":
      return refused(`\`/${name}\` stands for several skills; use one of their full names: ${found.names.join(", ")}`);
    case "skill":
      if (settings.override(found.skill) === "off") return undefined;
      if (!found.skill.contribution.userInvocable)
        return refused(`\`/${name}\` is a skill that only the model invokes`);
  }
  const { skills, args } = stack(text, catalog, settings);
  const content: Expansion["content"][number][] = [];
  let turn: Partial<TurnState> = {};
  for (const [index, skill] of skills.entries()) {
    const made = await invoker.invoke(skill, { session, args, callId: `${callId}/${String(index)}`, signal });
    if (made.answer !== undefined) {
      const { text: answer, isError } = made.answer;
      const failed = isError ? `the agent that ran \`/${skill.name}\` failed` : undefined;
      return { content: [], name: skill.name, kind: "skill", args, answer, failed };
    }
    content.push(...made.content);
    turn = joined(turn, made.turn);
  }
  return { content, turn, name: skills[0]?.name ?? name, kind: "skill", args };
}

/** The skills that a prompt begins with, and the text that all of them get; one that runs in a fork stands alone. */
function stack(
  text: string,
  catalog: Catalog,
  settings: SkillSettings,
): { readonly skills: readonly Skill[]; readonly args: string } {
  const skills: Skill[] = [];
  let rest = text;
  while (skills.length < MAX_STACKED) {
    const token = TOKEN.exec(rest);
    const found = catalog.find(token?.[1] ?? "");
    if (token === null || found.kind !== "skill") break;
    const { contribution } = found.skill;
    const forks = contribution.fields["context"] === "fork";
    const usable = contribution.userInvocable && settings.override(found.skill) !== "off";
    if (!usable || (forks && skills.length > 0)) break;
    skills.push(found.skill);
    rest = rest.slice(token[0].length);
    if (forks) break;
  }
  return { skills, args: rest };
}

/** What several skills ask of one turn: grants and refusals add up, the last model counts. */
export function joined(first: Partial<TurnState>, second: Partial<TurnState>): TurnState {
  return {
    ...first,
    ...second,
    allow: [...(first.allow ?? []), ...(second.allow ?? [])],
    deny: [...(first.deny ?? []), ...(second.deny ?? [])],
  };
}
