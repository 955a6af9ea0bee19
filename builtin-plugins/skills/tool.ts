import { defineTool, type Session, type Tool, type ToolCall, type ToolResult } from "plugsmith/plugin-api";
import type { Invoker } from "./invocation.ts";
import type { SessionSkills } from "./session-skills.ts";
import type { SkillSettings } from "./settings.ts";
import { joined } from "./typed.ts";

/** What the tool needs to know. */
export interface SkillToolParts {
  readonly invoker: Invoker;
  readonly skillsOf: (session: Session) => SessionSkills;
  readonly settings: () => Promise<SkillSettings>;
}

/** The tool by which the model invokes skills; the manifest announces the same. */
export function skillTool(parts: SkillToolParts): Tool {
  return defineTool<SkillInput>({
    name: "Skill",
    description:
      "Invokes a skill by its name and returns its instructions, which you then follow. Only skills that were listed to you can be invoked; invoke one before you work on what its description names.",
    inputSchema: {
      type: "object",
      properties: {
        skill: { type: "string", description: "Name of the skill, as it was listed" },
        args: { type: "string", description: "Arguments of the skill" },
      },
      required: ["skill"],
      additionalProperties: false,
    },
    readOnly: true,
    concurrencySafe: false,
    run: (input, call) => runSkillTool(input, call, parts),
  });
}

interface SkillInput {
  readonly skill: string;
  readonly args?: string | undefined;
}

async function runSkillTool(
  { skill: written, args = "" }: SkillInput,
  { session, callId, signal, report }: ToolCall,
  { invoker, skillsOf, settings }: SkillToolParts,
): Promise<ToolResult> {
  if (session === undefined) return failure("skills can be invoked in a session only");
  const name = written.replace(/^\//u, "");
  const skills = skillsOf(session);
  const found = skills.catalog.find(name);
  if (found.kind === "unknown") return failure(`there is no skill \`${name}\`; use a name that was listed`);
  if (found.kind === "ambiguous") {
    return failure(`\`${name}\` stands for several skills; use one of their full names: ${found.names.join(", ")}`);
  }
  const { skill } = found;
  const override = (await settings()).override(skill);
  if (!skill.contribution.modelInvocable || override === "off" || override === "user-invocable-only") {
    return failure(`\`${name}\` is a skill that only the person invokes; do not imitate it by other means`);
  }
  if (!skills.isOpen(skill)) {
    const paths = (skill.contribution.paths ?? []).map((path) => `\`${path}\``).join(", ");
    return failure(`\`${name}\` can be invoked only after work on a file that matches ${paths}`);
  }
  const { content, turn, answer } = await invoker.invoke(skill, { session, args, callId, signal, report });
  if (answer !== undefined) return { content: [{ type: "text", text: answer.text }], isError: answer.isError };
  session.setTurn(joined(session.turn, turn));
  const texts = content.flatMap((block) =>
    block.type === "text" ? [{ type: "text" as const, text: block.text }] : [],
  );
  return { content: texts };
}

function failure(text: string): ToolResult {
  return { content: [{ type: "text", text }], isError: true };
}
