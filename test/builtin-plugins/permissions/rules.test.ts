import { symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PermissionMode } from "../../../plugin-api/index.ts";
import { permissionsHost, rules } from "./permissions-host.ts";

interface Case {
  readonly name: string;
  readonly tool: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly mode?: PermissionMode;
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly turn?: readonly string[];
  readonly tools?: readonly string[];
  /** `done`, or part of the reason; nobody can be asked. */
  readonly outcome: string;
}

const edit = { file_path: "a.ts" };
const bash = (command: string) => ({ command });

const CASES: readonly Case[] = [
  { name: "reading inside the project", tool: "Read", input: edit, outcome: "done" },
  { name: "searching the working directory", tool: "Grep", input: { pattern: "x" }, outcome: "done" },
  { name: "a tool that only reads", tool: "Look", outcome: "done" },
  { name: "reading outside", tool: "Read", input: { file_path: "/etc/hosts" }, outcome: "outside the working folders" },
  {
    name: "reading outside by dots",
    tool: "Read",
    input: { file_path: "../../x" },
    outcome: "outside the working folders",
  },
  { name: "searching outside", tool: "Grep", input: { path: "/etc" }, outcome: "outside the working folders" },
  {
    name: "reading outside by rule",
    tool: "Read",
    input: { file_path: "/etc/hosts" },
    settings: { allow: ["Read(//etc/**)"] },
    outcome: "done",
  },
  {
    name: "searching outside by rule",
    tool: "Grep",
    input: { path: "/etc" },
    settings: { allow: ["Read(//etc/**)"] },
    outcome: "done",
  },
  {
    name: "reading at home by rule",
    tool: "Read",
    input: { file_path: "~/notes.txt" },
    settings: { allow: ["Read(~/notes.txt)"] },
    outcome: "done",
  },
  {
    name: "reading in an added folder",
    tool: "Read",
    input: { file_path: "/etc/hosts" },
    settings: { additionalDirectories: ["/etc"] },
    outcome: "done",
  },
  { name: "a tool of a server that says it only reads", tool: "mcp__files__get", outcome: "no rule allows" },
  { name: "a tool of another plugin that says it only reads", tool: "Peek", outcome: "no rule allows `Peek`" },
  { name: "a tool of another plugin by rule", tool: "Peek", settings: { allow: ["Peek"] }, outcome: "done" },
  { name: "changing a file", tool: "Edit", input: edit, outcome: "no rule allows `Edit`" },
  { name: "changing a file by rule", tool: "Edit", input: edit, settings: { allow: ["Edit"] }, outcome: "done" },
  {
    name: "writing a file by the rule for changes",
    tool: "Write",
    input: edit,
    settings: { allow: ["Edit(*.ts)"] },
    outcome: "done",
  },
  {
    name: "changing a file by the rule for writing",
    tool: "Edit",
    input: edit,
    settings: { allow: ["Write(*.ts)"] },
    outcome: "no rule allows",
  },
  {
    name: "changing a file by another file's rule",
    tool: "Edit",
    input: edit,
    settings: { allow: ["Edit(*.js)", "Edit(./src/**)"] },
    outcome: "no rule allows",
  },
  {
    name: "changing a file beside the allowed folder by dots",
    tool: "Edit",
    input: { file_path: "src/../a.ts" },
    settings: { allow: ["Edit(./src/**)"] },
    outcome: "no rule allows",
  },
  {
    name: "changing a file in the allowed folder",
    tool: "Edit",
    input: { file_path: "src/x/y.ts" },
    settings: { allow: ["Edit(./src/**)"] },
    outcome: "done",
  },
  {
    name: "changing a file by the rule for reading",
    tool: "Edit",
    input: edit,
    settings: { allow: ["Read"] },
    outcome: "no rule allows",
  },
  {
    name: "case aside, nothing is allowed",
    tool: "Edit",
    input: { file_path: "SRC/x.ts" },
    settings: { allow: ["Edit(./src/**)"] },
    outcome: "no rule allows",
  },
  {
    name: "case aside, all is denied",
    tool: "Read",
    input: { file_path: ".ENV" },
    settings: { deny: ["Read(.env)"] },
    outcome: "denied by the rule",
  },
  {
    name: "a denied file",
    tool: "Read",
    input: { file_path: "x/.env" },
    settings: { deny: ["Read(.env)"] },
    outcome: "denied by the rule `Read(.env)` of the user settings, `/settings/user.json`",
  },
  {
    name: "a denied folder that is searched",
    tool: "Grep",
    input: { path: "secrets" },
    settings: { deny: ["Read(./secrets/**)"] },
    outcome: "denied by the rule",
  },
  {
    name: "a denied folder beside the project",
    tool: "Read",
    input: { file_path: "../home/x" },
    settings: { deny: ["Read(../home/**)"], allow: ["Read"] },
    outcome: "denied by the rule",
  },
  {
    name: "an allowed folder beside the project",
    tool: "Read",
    input: { file_path: "../home/x" },
    settings: { allow: ["Read(../home/**)"] },
    outcome: "done",
  },
  {
    name: "a pattern that means all but something, denying",
    tool: "Read",
    input: edit,
    settings: { deny: ["Read(!a.ts)"] },
    outcome: "denied by the rule",
  },
  {
    name: "deny before allow",
    tool: "Edit",
    input: edit,
    settings: { deny: ["Edit(a.ts)"], allow: ["Edit"] },
    outcome: "denied by the rule",
  },
  {
    name: "deny before bypass",
    tool: "Edit",
    input: edit,
    settings: { deny: ["Edit"] },
    mode: "bypassPermissions",
    outcome: "denied by the rule",
  },
  {
    name: "ask before allow",
    tool: "Edit",
    input: edit,
    settings: { ask: ["Edit"], allow: ["Edit"] },
    outcome: "needs a person's yes by the rule",
  },
  {
    name: "ask before bypass",
    tool: "Bash",
    input: bash("git push"),
    settings: { ask: ["Bash(git push:*)"] },
    mode: "bypassPermissions",
    outcome: "needs a person's yes",
  },
  {
    name: "a broken rule that denies",
    tool: "Bash",
    input: bash("ls"),
    settings: { deny: ["Bash(rm"], allow: ["Bash"] },
    outcome: "denied by the rule",
  },
  {
    name: "a broken rule that allows",
    tool: "Bash",
    input: bash("rm"),
    settings: { allow: ["Bash(rm"] },
    outcome: "no rule allows",
  },
  { name: "a command", tool: "Bash", input: bash("ls"), outcome: "no rule allows `Bash` to run `ls`" },
  {
    name: "a command by rule",
    tool: "Bash",
    input: bash("npm run test -- x"),
    settings: { allow: ["Bash(npm run test:*)"] },
    outcome: "done",
  },
  {
    name: "more than the command of the rule",
    tool: "Bash",
    input: bash("npm run test; rm x"),
    settings: { allow: ["Bash(npm run test:*)"] },
    outcome: "no rule allows",
  },
  {
    name: "a denied command behind another",
    tool: "Bash",
    input: bash("ls && rm x"),
    settings: { allow: ["Bash"], deny: ["Bash(rm:*)"] },
    outcome: "denied by the rule",
  },
  { name: "a whole server", tool: "mcp__files__put", settings: { allow: ["mcp__files"] }, outcome: "done" },
  {
    name: "a whole server by a star",
    tool: "mcp__files__put",
    settings: { allow: ["mcp__files__*"] },
    outcome: "done",
  },
  {
    name: "another server",
    tool: "mcp__other__put",
    settings: { allow: ["mcp__files__*", "mcp__files"] },
    outcome: "no rule allows",
  },
  {
    name: "a star over servers that allows",
    tool: "mcp__other__put",
    settings: { allow: ["mcp__*", "*"] },
    outcome: "no rule allows",
  },
  {
    name: "a star over servers that denies",
    tool: "mcp__other__put",
    settings: { deny: ["mcp__*__put"], allow: ["mcp__other"] },
    outcome: "denied by the rule",
  },
  { name: "a skill", tool: "Skill", input: { skill: "pdf" }, settings: { allow: ["Skill(pdf)"] }, outcome: "done" },
  {
    name: "another skill",
    tool: "Skill",
    input: { skill: "pdf2" },
    settings: { allow: ["Skill(pdf)", "Skill(pdf *)"] },
    outcome: "no rule allows",
  },
  {
    name: "a denied skill with arguments",
    tool: "Skill",
    input: { skill: "pdf", args: "x" },
    settings: { deny: ["Skill(pdf *)"], allow: ["Skill"] },
    outcome: "denied by the rule",
  },
  {
    name: "an agent by its old name",
    tool: "Agent",
    input: { subagent_type: "p:a" },
    settings: { allow: ["Task(p:a)"] },
    outcome: "done",
  },
  {
    name: "a web address",
    tool: "WebFetch",
    input: { url: "https://a.example/x" },
    settings: { allow: ["WebFetch(domain:a.example)"] },
    outcome: "done",
  },
  {
    name: "another web address",
    tool: "WebFetch",
    input: { url: "https://a.example@b.example/" },
    settings: { allow: ["WebFetch(domain:a.example)"] },
    outcome: "no rule allows",
  },
  {
    name: "a specifier that the tool has nothing for, denying",
    tool: "Change",
    settings: { deny: ["Change(x)"], allow: ["Change"] },
    outcome: "denied by the rule",
  },
  {
    name: "a specifier that the tool has nothing for, allowing",
    tool: "Change",
    settings: { allow: ["Change(x)"] },
    outcome: "no rule allows",
  },
  { name: "edits in acceptEdits", tool: "Edit", input: edit, mode: "acceptEdits", outcome: "done" },
  {
    name: "edits outside in acceptEdits",
    tool: "Edit",
    input: { file_path: "/etc/x" },
    mode: "acceptEdits",
    outcome: "outside the working folders",
  },
  { name: "commands in acceptEdits", tool: "Bash", input: bash("ls"), mode: "acceptEdits", outcome: "no rule allows" },
  { name: "what says it only reads in plan mode", tool: "Peek", mode: "plan", outcome: "no rule allows `Peek`" },
  { name: "the same of a server", tool: "mcp__files__get", mode: "plan", outcome: "no rule allows" },
  {
    name: "what says it only reads in plan mode, by rule",
    tool: "Peek",
    mode: "plan",
    settings: { allow: ["Peek"] },
    outcome: "done",
  },
  { name: "reading in plan mode", tool: "Read", input: edit, mode: "plan", outcome: "done" },
  {
    name: "changing in plan mode, whatever is allowed",
    tool: "Edit",
    input: edit,
    mode: "plan",
    settings: { allow: ["Edit"] },
    outcome: "this is plan mode",
  },
  {
    name: "what is allowed in dontAsk",
    tool: "Edit",
    input: edit,
    mode: "dontAsk",
    settings: { allow: ["Edit"] },
    outcome: "done",
  },
  {
    name: "what is not allowed in dontAsk",
    tool: "Edit",
    input: edit,
    mode: "dontAsk",
    outcome: "in this mode nobody is asked",
  },
  {
    name: "anything in bypassPermissions",
    tool: "Bash",
    input: bash("a; b"),
    mode: "bypassPermissions",
    outcome: "done",
  },
  { name: "by a choice for the session", tool: "Bash", input: bash("ls"), allow: ["Bash(ls)"], outcome: "done" },
  {
    name: "denied by a choice for the session",
    tool: "Bash",
    input: bash("ls"),
    settings: { allow: ["Bash"] },
    deny: ["Bash"],
    outcome: "denied by the rule `Bash` of this session",
  },
  { name: "by a grant of a skill", tool: "Bash", input: bash("git add x"), turn: ["Bash(git add:*)"], outcome: "done" },
  {
    name: "a grant of everything by a skill against a rule (FM09)",
    tool: "Bash",
    input: bash("git add x"),
    turn: ["*", "Bash", "Bash(*)", "Bash(git add:*)"],
    settings: { deny: ["Bash(git:*)"] },
    outcome: "denied by the rule",
  },
  {
    name: "a grant of a skill against a rule (FM09)",
    tool: "Bash",
    input: bash("git add x"),
    turn: ["Bash(git add:*)"],
    settings: { deny: ["Bash(git:*)"] },
    outcome: "denied by the rule",
  },
  {
    name: "a tool that the agent lacks",
    tool: "Edit",
    input: edit,
    tools: ["Read"],
    settings: { allow: ["Edit"] },
    outcome: "this agent may not use `Edit`",
  },
  {
    name: "a tool of the same group that the agent lacks",
    tool: "Write",
    input: edit,
    tools: ["Edit"],
    settings: { allow: ["Edit"] },
    outcome: "this agent may not use `Write`",
  },
  {
    name: "a tool that the agent has",
    tool: "Edit",
    input: edit,
    tools: ["Edit"],
    settings: { allow: ["Edit"] },
    outcome: "done",
  },
];

describe("permissions decide without a person on", () => {
  it.each(CASES)(
    "$name: $tool → $outcome",
    async ({ tool, input = {}, settings, mode, allow, deny, turn, tools, outcome }) => {
      await using host = await permissionsHost({
        settings: settings === undefined ? [] : [rules("user", settings)],
        session: {
          options: {
            ...(mode !== undefined && { permissionMode: mode }),
            ...(allow !== undefined && { allow }),
            ...(deny !== undefined && { deny }),
          },
          tools,
        },
      });
      if (turn !== undefined) host.session.setTurn({ allow: turn, deny: [] });
      const said = await host.outcome(tool, input);
      if (outcome === "done") expect(said).toBe("done");
      else expect(said).toContain(outcome);
    },
  );

  const critical = [
    ".git/hooks/pre-commit",
    ".git/config",
    ".GIT/config",
    "sub/.git/hooks/x",
    "src/../.git/config",
    ".plugsmith/local.json",
    "plugins.json",
    "plugins.lock",
    ".mcp.json",
    ".claude/settings.json",
    ".claude/settings.local.json",
    "~/.bashrc",
    "~/.plugsmith/settings.json",
    "~/.ssh/authorized_keys",
    "/etc/plugsmith/managed.json",
    "/etc/claude-code/managed-settings.json",
  ];
  it.each(critical)("the critical path %s: never in silence", async (file_path) => {
    for (const permissionMode of ["acceptEdits", "bypassPermissions", "default"] as const) {
      await using host = await permissionsHost({
        settings: [rules("project", { allow: ["Edit", "Edit(//**)", "Bash"] })],
        session: { options: { permissionMode } },
      });
      expect(await host.outcome("Write", { file_path })).toContain("only a person may allow");
      expect(await host.outcome("Bash", { command: `echo x >"${file_path}"` })).toContain("only a person may allow");
    }
  });

  it("a critical path behind a link", async () => {
    await using host = await permissionsHost({ session: { options: { permissionMode: "bypassPermissions" } } });
    host.project.write("work/.git/hooks/x", "");
    symlinkSync(host.path(".git/hooks"), host.path("docs"));
    expect(await host.outcome("Write", { file_path: "docs/x" })).toContain("only a person may allow");
    expect(await host.outcome("Bash", { command: "cp a docs/x" })).toContain("only a person may allow");
  });

  it("a file behind a link by where it really is", async () => {
    await using host = await permissionsHost({
      settings: [rules("user", { allow: ["Edit(./link/**)"], deny: ["Read(./secret.txt)"] })],
    });
    symlinkSync("/etc", host.path("link"));
    host.project.write("work/secret.txt", "s");
    symlinkSync("secret.txt", host.path("plain.txt"));
    expect(await host.outcome("Read", { file_path: "link/hosts" })).toContain("`/etc/hosts`, outside");
    expect(await host.outcome("Edit", { file_path: "link/hosts" })).toContain("`/etc/hosts`, outside");
    expect(await host.outcome("Read", { file_path: "plain.txt" })).toContain("denied by the rule");
  });
});
