import type { ScaffoldPart } from "../scaffold-part.ts";

/** A command that a person types. */
export const commands: ScaffoldPart = {
  files: {
    "commands/summary.md": `---
description: Summarises a file in three sentences
argument-hint: <file>
---

Read the file \`$ARGUMENTS\` and summarise it in at most three sentences.
When no file is named, ask which one is meant. Change nothing.
`,
  },
  cases: [
    `- name: the command passes its argument on
  command: summary README.md
  expect:
    prompt: Read the file \`README.md\``,
  ],
  readme: "a command, `summary`, that summarises a file",
};
