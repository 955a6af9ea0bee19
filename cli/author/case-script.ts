import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Ranker } from "../../marketplace/author/routing/ranker.ts";
import { listedName } from "../../marketplace/author/routing/skill-names.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { PluginManifest, SkillContribution } from "../../schemas/plugin-manifest.ts";
import type { PluginCase } from "../../schemas/plugin-tests.ts";
import type { Placed } from "../../schemas/read-plugin-tests.ts";
import { literalPattern } from "./literal-pattern.ts";

/** The model of a conversation, and what a person says in it. */
export interface CaseScript {
  /** A model of a session. */
  readonly model: string;
  readonly prompts: readonly string[];
}

/** Whose case it is and where its files go. */
export interface ScriptContext {
  /** Absolute folder of the plugin. */
  readonly pluginDirectory: string;
  readonly manifest: PluginManifest;
  /** Absolute folder to write in. */
  readonly place: string;
  /** A real model that answers instead. */
  readonly model?: string | undefined;
}

/**
 * Chooses who answers in a conversation: what the case brings, else a real model if one was named, else a script that invokes the
 * skill whose words fit the prompt best, if it is listed.
 */
export function scriptFor(one: Placed<PluginCase>, prompts: readonly string[], context: ScriptContext): CaseScript {
  const { pluginDirectory, place, model } = context;
  const here = (file: string): string => resolve(pluginDirectory, dirname(one.file), file);
  if (typeof one.script === "string") return { model: `scripted:${here(one.script)}`, prompts };
  if (one.script !== undefined) return { model: written(place, { steps: one.script }), prompts };
  if (one.recording !== undefined) return replay(here(one.recording), one.recording, place, prompts);
  if (model !== undefined) return { model, prompts };
  const steps = prompts.flatMap((prompt) => choosing(prompt, one.touches ?? [], context.manifest));
  return { model: written(place, { steps: [...steps, { reply: { text: "done" } }] }), prompts };
}

function written(place: string, script: object): string {
  const file = join(place, "script.json");
  writeFileSync(file, JSON.stringify(script));
  return `scripted:${file}`;
}

/** Steps that read the files, then invoke the best skill for the prompt that the model was told of. */
function choosing(prompt: string, touches: readonly string[], manifest: PluginManifest): readonly object[] {
  const skills = manifest.contributions.filter((one): one is SkillContribution => one.kind === "skill");
  const ranker = new Ranker(
    skills.map((skill) => ({ plugin: manifest.name, listed: listedName(manifest.name, skill), ...skill })),
  );
  const asked = { prompt: `/${literalPattern(prompt)}/` };
  const ready = touches.length === 0 ? asked : { tool: "Read" };
  const invoke = ranker.rank(prompt).map(({ candidate: { listed } }) => ({
    // `mu`: a listing is lines, and the prompt is followed by what is told with it.
    when: { ...ready, context: `/^- ${literalPattern(listed)}(?::|$)/mu` },
    reply: { calls: [{ name: "Skill", input: { skill: listed } }] },
  }));
  if (touches.length === 0) return invoke;
  const calls = touches.map((path) => ({ name: "Read", input: { file_path: path } }));
  return [{ when: asked, reply: { calls } }, ...invoke];
}

/** Entries with a message: of a transcript, and of what `--output-format stream-json` prints. */
const MESSAGES: ReadonlySet<unknown> = new Set(["message", "prompt", "assistant", "tool-results"]);

interface Recorded {
  readonly role: string;
  readonly content: readonly Readonly<Record<string, unknown>>[];
}

/** A script of what the model said in a recorded session; its prompts count where the case has none. */
function replay(file: string, shown: string, place: string, prompts: readonly string[]): CaseScript {
  const messages = recordedMessages(file, shown);
  const replies = messages.filter(({ role }) => role === "assistant").map(replyOf);
  const answers = `export default ({ messages }) => {
  const replies = ${JSON.stringify(replies)};
  const reply = replies[messages.filter(({ role }) => role === "assistant").length];
  return reply ?? { text: "the recording ends here" };
};
`;
  const script = join(place, "recording.mjs");
  writeFileSync(script, answers);
  const said = messages.flatMap(({ role, content }) => {
    const first = content[0];
    return role === "user" && first?.["type"] === "text" ? [String(first["text"])] : [];
  });
  return { model: `scripted:${script}`, prompts: prompts.length > 0 ? prompts : said };
}

function replyOf({ content }: Recorded): object {
  const text = content.flatMap((block) => (block["type"] === "text" ? [String(block["text"])] : [])).join("\n");
  const calls = content.flatMap((block) =>
    block["type"] === "tool_use" ? [{ name: String(block["name"]), input: block["input"] ?? {} }] : [],
  );
  return { ...(text !== "" && { text }), ...(calls.length > 0 && { calls }) };
}

function recordedMessages(file: string, shown: string): readonly Recorded[] {
  const fail = (why: string): never => {
    throw new CodedError("E_SESSION", `the recording \`${shown}\` ${why}`, {
      hint: "name the transcript of a session, or what `plugsmith -p --output-format stream-json` prints",
      where: file,
    });
  };
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return fail("cannot be read");
  }
  const messages = text.split("\n").flatMap((line): readonly Recorded[] => {
    if (line.trim() === "") return [];
    try {
      // A line that is no message is looked at no further.
      const entry = JSON.parse(line) as { readonly type?: unknown; readonly message?: Recorded };
      return MESSAGES.has(entry.type) && Array.isArray(entry.message?.content) ? [entry.message] : [];
    } catch {
      return fail("has a line that is no JSON");
    }
  });
  return messages.length === 0 ? fail("holds no message") : messages;
}
