import type { FlagSpec } from "../flags.ts";

/** Flags that every command of `plugsmith` takes. */
export const HOST_FLAGS: readonly FlagSpec[] = [
  {
    name: "plugin-dir",
    value: "dir",
    repeatable: true,
    summary: "load the plugin in this folder for this run, without installing it",
  },
  {
    name: "settings",
    value: "file",
    repeatable: true,
    summary: "settings that are stronger than those of files; a path, or the JSON itself",
  },
  { name: "trust-workspace", summary: "trust what this folder's repository brings, for this run" },
  { name: "cwd", short: "C", value: "dir", summary: "work in this directory" },
  { name: "verbose", summary: "say more, also where an error was raised" },
  { name: "no-color", summary: "print without colour (so does NO_COLOR)" },
  { name: "json", summary: "print one JSON document" },
  { name: "help", short: "h", summary: "explain the command" },
  { name: "version", short: "V", summary: "print the version" },
];

/** Flags of a session. */
export const SESSION_FLAGS: readonly FlagSpec[] = [
  { name: "print", short: "p", summary: "answer one prompt, print the answer and end" },
  {
    name: "output-format",
    value: "format",
    choices: ["text", "json", "stream-json"],
    summary: "the last text, one document, or every event as it comes (default text)",
  },
  { name: "model", value: "model", summary: "an alias or id, or `scripted:FILE`" },
  { name: "continue", short: "c", summary: "go on with the newest session of this directory" },
  { name: "resume", short: "r", value: "id", summary: "go on with this session" },
  { name: "max-turns", value: "number", summary: "end after so many model calls" },
  {
    name: "permission-mode",
    value: "mode",
    choices: ["default", "acceptEdits", "plan", "dontAsk", "bypassPermissions"],
    summary: "how tools are decided on when no rule speaks",
  },
  {
    name: "allowed-tools",
    value: "rules",
    repeatable: true,
    summary: "rules that allow, for example `Read` or `Bash(git log:*)`",
  },
  { name: "disallowed-tools", value: "rules", repeatable: true, summary: "rules that deny" },
  {
    name: "add-dir",
    value: "dir",
    repeatable: true,
    summary: "let the session work in this folder too; its skills count where you trust it",
  },
  { name: "init", summary: "run the `Setup` hooks for a fresh project before the prompt" },
  { name: "init-only", summary: "run the `Setup` and `SessionStart` hooks and end, without a prompt" },
  { name: "maintenance", summary: "run the `Setup` hooks that look after a project before the prompt" },
  { name: "agent", value: "name", summary: "run the conversation under an agent's definition" },
  { name: "output-style", value: "name", summary: "the style of answers" },
  { name: "no-session-persistence", summary: "record nothing of the session" },
];
