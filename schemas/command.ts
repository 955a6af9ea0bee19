import { fieldTable } from "./frontmatter-fields.ts";
import type { FieldTable } from "./frontmatter-fields.ts";
import { SKILL_FIELDS } from "./skill.ts";

/** Fields of a command file: those of a skill without `name` and `paths` (formats.md §4.2). */
export const COMMAND_FIELDS: FieldTable = fieldTable(
  SKILL_FIELDS.rules.filter(({ key }) => key !== "name" && key !== "paths"),
  [...SKILL_FIELDS.typed],
);
