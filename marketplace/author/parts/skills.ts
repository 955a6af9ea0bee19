import type { ScaffoldPart } from "../scaffold-part.ts";

/** A skill that greets. */
export const skills: ScaffoldPart = {
  files: {
    "skills/greet/SKILL.md": `---
name: greet
description: Greets a person by name, in the language they write in. Use when somebody asks for a greeting or wants to say hello to a person.
---

# Greet

1. Find the name of the person in the request. Ask for it when there is none.
2. Answer with one sentence that holds the name, in the language of the request.
3. Add nothing else: no offers, no questions.
`,
  },
  cases: [
    `- name: a greeting is wanted
  prompt: say hello to Ada
  expect:
    fires: [greet]`,
    `- name: the word alone is no greeting
  prompt: rename hello.txt to world.txt
  expect:
    hidden: [greet]`,
  ],
  readme: "a skill, `greet`, that greets a person by name",
};
