import { fieldTable } from "./frontmatter-fields.ts";
import type { FieldTable } from "./frontmatter-fields.ts";

/** Fields of an output style (formats.md §5.3). */
export const OUTPUT_STYLE_FIELDS: FieldTable = fieldTable([
  { key: "name", to: "name", kind: "text", about: "Name of the style; the file's name when absent" },
  { key: "description", to: "description", kind: "text", about: "What it changes" },
  {
    key: "keep-coding-instructions",
    to: "keepCodingInstructions",
    kind: "flag",
    about: "Keep the built-in coding instructions",
  },
  { key: "force-for-plugin", to: "forceForPlugin", kind: "flag", about: "Applied whenever the plugin is enabled" },
]);
