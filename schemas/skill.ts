import { fieldTable } from "./frontmatter-fields.ts";
import type { FieldTable } from "./frontmatter-fields.ts";

/** Values of `effort`. */
export const EFFORT_LEVELS: readonly string[] = ["low", "medium", "high", "xhigh", "max"];

/** Fields of SKILL.md (formats.md §4.1, §4.2). */
export const SKILL_FIELDS: FieldTable = fieldTable(
  [
    { key: "name", to: "name", kind: "text", about: "Name of the skill; the folder's name when absent" },
    { key: "description", to: "description", kind: "text", about: "What the skill does and when to use it" },
    {
      key: "when_to_use",
      to: "whenToUse",
      kind: "text",
      about: "Added to the description in listings",
      aliases: ["when-to-use", "whenToUse"],
    },
    { key: "argument-hint", to: "argumentHint", kind: "hint", about: "Shown while arguments are typed" },
    { key: "arguments", to: "arguments", kind: "words", about: "Names of the positional arguments" },
    {
      key: "disable-model-invocation",
      to: "disableModelInvocation",
      kind: "flag",
      about: "Only a person may invoke it",
    },
    {
      key: "user-invocable",
      to: "userInvocable",
      kind: "flag",
      about: "Whether a person may invoke it",
      aliases: ["user-invokable"],
    },
    {
      key: "allowed-tools",
      to: "allowedTools",
      kind: "tools",
      about: "Tools approved in advance for the invoking turn",
    },
    { key: "disallowed-tools", to: "disallowedTools", kind: "tools", about: "Tools removed while it is active" },
    { key: "model", to: "model", kind: "text", about: "Model for the invoking turn" },
    { key: "effort", to: "effort", kind: "choice", choices: EFFORT_LEVELS, about: "Effort level" },
    { key: "context", to: "context", kind: "choice", choices: ["fork"], about: "`fork` runs it in a subagent" },
    { key: "agent", to: "agent", kind: "text", about: "Kind of subagent for `context: fork`" },
    { key: "background", to: "background", kind: "flag", about: "Whether a fork runs in the background" },
    { key: "hooks", to: "hooks", kind: "map", about: "Hooks that live from the invocation to the end of the session" },
    { key: "paths", to: "paths", kind: "globs", about: "Files whose touch makes the skill visible to the model" },
    { key: "shell", to: "shell", kind: "choice", choices: ["bash", "powershell"], about: "Shell of injected commands" },
    { key: "metadata", to: "metadata", kind: "map", about: "Free facts" },
    { key: "license", to: "license", kind: "text", about: "Licence" },
    { key: "compatibility", to: "compatibility", kind: "text", about: "What the skill needs" },
  ],
  ["name", "description", "allowed-tools", "shell"],
);
