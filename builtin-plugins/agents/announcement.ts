import type { Session } from "plugsmith/plugin-api";
import type { Definition } from "./definition.ts";

/** Record of a session: agents that the model was told of, name → description, `null` for what is gone. */
const LISTED = "plugsmith/agents-listed";
const MAX_DESCRIPTION_CHARACTERS = 1_024;

/** The text that tells a model which agents came, changed or went since it was last told; nothing when it knows. */
export function announcement(session: Session, definitions: readonly Definition[]): string | undefined {
  const told = new Map<string, unknown>();
  for (const note of session.notes(LISTED)) {
    for (const [name, description] of Object.entries(typeof note === "object" && note !== null ? note : {})) {
      if (description === null) told.delete(name);
      else told.set(name, description);
    }
  }
  const now = new Map(definitions.map(({ name, description }) => [name, shortened(description)]));
  const fresh = [...now].filter(([name, description]) => told.get(name) !== description);
  const gone = [...told.keys()].filter((name) => !now.has(name));
  if (fresh.length === 0 && gone.length === 0) return undefined;
  session.note(LISTED, Object.fromEntries([...fresh, ...gone.map((name) => [name, null] as const)]));
  const lines = fresh.map(([name, description]) => `- ${name}: ${description}`);
  return [
    ...(lines.length === 0 ? [] : [`These agents can be given tasks with the \`Agent\` tool:\n${lines.join("\n")}`]),
    ...(gone.length === 0 ? [] : [`These agents are no longer there: ${gone.join(", ")}`]),
  ].join("\n\n");
}

function shortened(description: string): string {
  const line = description.replaceAll(/\s+/gu, " ").trim();
  if (line.length <= MAX_DESCRIPTION_CHARACTERS) return line;
  return `${line.slice(0, MAX_DESCRIPTION_CHARACTERS - 1).toWellFormed()}…`;
}
