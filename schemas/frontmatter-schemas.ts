import * as z from "zod";
import { AGENT_FIELDS } from "./agent.ts";
import { COMMAND_FIELDS } from "./command.ts";
import type { FieldRule, FieldTable } from "./frontmatter-fields.ts";
import { OUTPUT_STYLE_FIELDS } from "./output-style.ts";
import { SKILL_FIELDS } from "./skill.ts";

/** What a table of fields says, as a schema; the readers go by the table itself. */
type FrontMatterSchema = z.ZodType<Readonly<Record<string, unknown>>>;

/** Front matter of SKILL.md. */
export const skillFrontmatterSchema: FrontMatterSchema = fieldSchema(
  "SKILL.md front matter",
  "Fields of a skill",
  SKILL_FIELDS,
);

/** Front matter of a command. */
export const commandFrontmatterSchema: FrontMatterSchema = fieldSchema(
  "Command front matter",
  "Fields of a slash command",
  COMMAND_FIELDS,
);

/** Front matter of an agent. */
export const agentFrontmatterSchema: FrontMatterSchema = fieldSchema(
  "Agent front matter",
  "Fields of a subagent",
  AGENT_FIELDS,
);

/** Front matter of an output style. */
export const outputStyleFrontmatterSchema: FrontMatterSchema = fieldSchema(
  "Output style front matter",
  "Fields of an output style",
  OUTPUT_STYLE_FIELDS,
);

function fieldSchema(title: string, description: string, table: FieldTable): FrontMatterSchema {
  const shape: Record<string, z.ZodType> = {};
  for (const rule of table.rules) shape[rule.key] = schemaOf(rule).optional().describe(rule.about);
  return z.looseObject(shape).meta({ title, description });
}

function schemaOf(rule: FieldRule): z.ZodType {
  switch (rule.kind) {
    case "text":
    case "hint":
      return z.string();
    case "flag":
      return z.boolean();
    case "choice":
      return z.enum(rule.choices ?? []);
    case "count":
      return z.int().positive();
    case "map":
      return z.record(z.string(), z.unknown());
    case "raw":
      return z.unknown();
    default:
      return z.union([z.string(), z.array(z.string())]);
  }
}
