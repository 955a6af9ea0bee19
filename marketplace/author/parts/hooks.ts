import type { ScaffoldPart } from "../scaffold-part.ts";

/** A hook that refuses one kind of command. It is a Node program in exec form, so it runs on every system and no shell reads its path. */
export const hooks: ScaffoldPart = {
  files: {
    "hooks/hooks.json": `{
  "hooks": {
    "PreToolUse": [
      {
        "matcher": "Bash",
        "hooks": [
          {
            "type": "command",
            "command": "node",
            "args": ["\${CLAUDE_PLUGIN_ROOT}/hooks/no-forced-push.mjs"],
            "timeout": 10
          }
        ]
      }
    ]
  }
}
`,
    "hooks/no-forced-push.mjs": `// Reads one event as JSON and answers with a decision, or with nothing when the command is none of its business.
let text = "";
for await (const chunk of process.stdin.setEncoding("utf8")) text += chunk;
const { tool_input: input = {} } = JSON.parse(text);

if (/\\bgit\\s+(?:\\S+\\s+)*?push\\b[^;&|]*\\s(?:--force(?!-)|-f\\b)/.test(input.command ?? "")) {
  const answer = {
    hookEventName: "PreToolUse",
    permissionDecision: "deny",
    permissionDecisionReason: "a forced push can lose the work of others: use --force-with-lease",
  };
  process.stdout.write(JSON.stringify({ hookSpecificOutput: answer }));
}
`,
  },
  cases: [
    `- name: a forced push is denied
  hook: PreToolUse
  tool: Bash
  input: { command: git push --force origin main }
  expect:
    decision: deny`,
    `- name: a careful push is none of its business
  hook: PreToolUse
  tool: Bash
  input: { command: git push --force-with-lease origin main }
  expect:
    decision: none`,
  ],
  readme: "a hook that denies `git push --force`",
};
