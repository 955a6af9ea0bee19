import type { ScaffoldPart } from "../scaffold-part.ts";

/** An agent that reads and never writes. */
export const agents: ScaffoldPart = {
  files: {
    "agents/proofreader.md": `---
name: proofreader
description: Proofreads prose and lists mistakes in spelling and grammar with their lines. Use when a text is finished and before it is published.
tools: Read, Grep, Glob
---

You proofread. Read the files that you are given and list every mistake in spelling or grammar:
the file and line, the words as they stand, and the correction. Do not judge style, and change nothing.
When you find no mistake, say so in one sentence.
`,
  },
  cases: [],
  readme: "an agent, `proofreader`, that lists mistakes in prose",
};
