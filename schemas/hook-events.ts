/** Every public hook event with the handler types it accepts and whether its matcher is evaluated (formats.md §6.3, §6.5). */
export const HOOK_EVENTS: Readonly<Record<string, { readonly types: HookTypeSet; readonly matcher: boolean }>> = {
  SessionStart: { types: "start", matcher: true },
  Setup: { types: "start", matcher: true },
  UserPromptSubmit: { types: "all", matcher: false },
  UserPromptExpansion: { types: "all", matcher: true },
  PreToolUse: { types: "all", matcher: true },
  PermissionRequest: { types: "all", matcher: true },
  PermissionDenied: { types: "all", matcher: true },
  PostToolUse: { types: "all", matcher: true },
  PostToolUseFailure: { types: "all", matcher: true },
  PostToolBatch: { types: "all", matcher: false },
  Notification: { types: "process", matcher: true },
  MessageDisplay: { types: "process", matcher: false },
  SubagentStart: { types: "process", matcher: true },
  SubagentStop: { types: "all", matcher: true },
  TaskCreated: { types: "all", matcher: false },
  TaskCompleted: { types: "all", matcher: false },
  Stop: { types: "all", matcher: false },
  StopFailure: { types: "process", matcher: true },
  TeammateIdle: { types: "all", matcher: false },
  InstructionsLoaded: { types: "process", matcher: true },
  ConfigChange: { types: "process", matcher: true },
  CwdChanged: { types: "process", matcher: false },
  DirectoryAdded: { types: "process", matcher: true },
  FileChanged: { types: "process", matcher: true },
  WorktreeCreate: { types: "process", matcher: false },
  WorktreeRemove: { types: "process", matcher: false },
  PreCompact: { types: "process", matcher: true },
  PostCompact: { types: "process", matcher: true },
  PreModelSwitch: { types: "process", matcher: true },
  PostModelSwitch: { types: "process", matcher: true },
  Elicitation: { types: "process", matcher: true },
  ElicitationResult: { types: "process", matcher: true },
  SessionEnd: { types: "process", matcher: true },
};

/** A name for a set of handler types. */
export type HookTypeSet = "all" | "process" | "start";

/** The handler types of each set. */
export const HOOK_TYPES: Readonly<Record<HookTypeSet, ReadonlySet<string>>> = {
  all: new Set(["command", "http", "mcp_tool", "prompt", "agent"]),
  process: new Set(["command", "http", "mcp_tool"]),
  start: new Set(["command", "mcp_tool"]),
};
