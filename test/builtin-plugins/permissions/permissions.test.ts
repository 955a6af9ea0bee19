import { describe, expect, it } from "vitest";
import {
  directoryAdded,
  permissionAnswer,
  permissionsService,
  promptExpansion,
  sessionStart,
  toolOpinion,
  toolPermission,
  type GateAnswer,
} from "../../../plugin-api/index.ts";
import { MemorySession } from "../../support/memory-sessions.ts";
import { codePlugin } from "../../support/test-host.ts";
import { permissionsHost, rules, type PermissionsHost } from "./permissions-host.ts";

const bash = (command: string) => ({ command });
const opinion = (answer: GateAnswer) =>
  codePlugin("hooks", { listens: [toolOpinion.key] }, (context) => {
    context.listen(toolOpinion, () => answer);
  });

describe("settings", () => {
  it("of stronger layers are named first, and every layer's denial counts", async () => {
    await using host = await permissionsHost({
      settings: [
        rules("managed", { allow: ["Bash"] }),
        rules("project", { deny: ["Bash"] }),
        rules("user", { deny: ["Bash"] }),
      ],
    });
    expect(await host.outcome("Bash", bash("ls"))).toContain("of the project settings, `/settings/project.json`");
  });

  it("are heard when they change", async () => {
    await using host = await permissionsHost();
    expect(await host.outcome("Bash", bash("ls"))).toContain("no rule allows");
    host.settings.set("user", "permissions", { allow: ["Bash"] });
    expect(await host.outcome("Bash", bash("ls"))).toBe("done");
  });

  it("of administrators can be the only ones that allow", async () => {
    const managed = rules("managed", { allow: ["Bash(ls)"] }, { allowManagedPermissionRulesOnly: true });
    await using host = await permissionsHost({
      settings: [managed, rules("user", { allow: ["Bash"], deny: ["Bash(rm:*)"] })],
      session: { options: { allow: ["Bash"] } },
      person: "allow",
    });
    expect(await host.outcome("Bash", bash("ls"))).toBe("done");
    expect(host.questions).toEqual([]);
    await host.outcome("Bash", bash("pwd"));
    expect(host.questions[0]?.choices.map(({ id }) => id)).toEqual(["allow", "deny"]);
    expect(await host.outcome("Bash", bash("rm x"))).toContain("denied by the rule");
  });

  it("of administrators can forbid to pass by all questions", async () => {
    await using host = await permissionsHost({
      settings: [rules("managed", { disableBypassPermissionsMode: "disable" })],
      session: { options: { permissionMode: "bypassPermissions" } },
    });
    expect(await host.outcome("Bash", bash("ls"))).toContain("no rule allows");
  });

  it("TR01: say which mode a session begins in, but a repository cannot choose to pass by all questions", async () => {
    await using host = await permissionsHost({
      settings: [rules("project", { defaultMode: "bypassPermissions" }), rules("user", { defaultMode: "acceptEdits" })],
    });
    await host.test.host.frontend.emit(sessionStart, { session: host.session, source: "startup", texts: [] });
    expect(host.session.options.permissionMode).toBe("acceptEdits");
    host.session.setOptions({ permissionMode: "default" });
    await host.test.host.frontend.emit(sessionStart, { session: host.session, source: "resume", texts: [] });
    expect(host.session.options.permissionMode).toBe("default");
  });

  it("that are no lists of texts have no effect and are told", async () => {
    await using host = await permissionsHost({ settings: [rules("user", { allow: "Bash", deny: [1, "Bash(rm)"] })] });
    expect(await host.outcome("Bash", bash("ls"))).toContain("no rule allows");
    expect(await host.outcome("Bash", bash("rm"))).toContain("denied");
    expect(host.test.warnings.join()).toContain("`permissions.allow` of `/settings/user.json` is no list");
  });
});

describe("public hooks", () => {
  const cases = [
    {
      name: "deny what a rule allows",
      answer: { decision: "deny", reason: "not today" },
      allow: ["Bash"],
      outcome: "not today",
    },
    {
      name: "ask where a rule allows",
      answer: { decision: "ask", reason: "sure?" },
      allow: ["Bash"],
      outcome: "sure?",
    },
    { name: "allow in the place of the usual question", answer: { decision: "allow" }, outcome: "done" },
    {
      name: "HK06: do not allow against a deny rule",
      answer: { decision: "allow" },
      deny: ["Bash(ls)"],
      outcome: "denied by the rule",
    },
    {
      name: "HK06: do not allow against an ask rule",
      answer: { decision: "allow" },
      ask: ["Bash(ls)"],
      outcome: "needs a person's yes",
    },
    { name: "do not allow against a mode", answer: { decision: "allow" }, mode: "plan", outcome: "this is plan mode" },
    {
      name: "do not allow a critical path",
      answer: { decision: "allow", input: bash("cp x .git/hooks/y") },
      outcome: "only a person",
    },
    {
      name: "HK07: are held to the rules by what they change",
      answer: { decision: "allow", input: bash("rm x") },
      deny: ["Bash(rm:*)"],
      outcome: "denied",
    },
  ] as const;
  it.each(cases)("$name", async ({ answer, outcome, ...rest }) => {
    const {
      allow = [],
      deny = [],
      ask = [],
      mode = "default",
    } = { allow: [], deny: [], ask: [], mode: "default" as const, ...rest };
    await using host = await permissionsHost({
      settings: [rules("user", { allow, deny, ask })],
      session: { options: { permissionMode: mode } },
      plugins: [opinion(answer)],
    });
    const said = await host.outcome("Bash", bash("ls"));
    if (outcome === "done") expect(said).toBe("done");
    else expect(said).toContain(outcome);
  });

  it("change the input and add texts for the model", async () => {
    await using host = await permissionsHost({
      plugins: [opinion({ decision: "allow", input: { file_path: "b.ts" }, context: ["note"] })],
    });
    const input = { file_path: host.path("b.ts") };
    expect(await host.call("Edit", { file_path: "a.ts" })).toMatchObject({ kind: "done", input, context: ["note"] });
  });

  it("see absolute paths", async () => {
    const seen: unknown[] = [];
    const hooks = codePlugin("hooks", { listens: [toolOpinion.key] }, (context) => {
      context.listen(toolOpinion, ({ input }) => {
        seen.push(input);
        return { decision: "pass" };
      });
    });
    await using host = await permissionsHost({ plugins: [hooks] });
    await host.outcome("Read", { file_path: "x/../a.ts" });
    await host.outcome("Read", { file_path: "~/a.ts" });
    expect(seen).toEqual([{ file_path: host.path("a.ts") }, { file_path: `${host.home}/a.ts` }]);
  });

  const answers = [
    { name: "yes", answer: { allow: true }, outcome: "done" },
    { name: "no", answer: { allow: false, message: "no, thanks" }, outcome: "no, thanks" },
    { name: "yes to something denied", answer: { allow: true, input: bash("rm x") }, outcome: "denied by the rule" },
    { name: "yes where a rule asks", answer: { allow: true }, ask: ["Bash"], outcome: "needs a person's yes" },
  ];
  it.each(answers)("answer in the person's place: $name", async ({ answer, ask = [], outcome }) => {
    const hooks = codePlugin("hooks", { listens: [permissionAnswer.key] }, (context) => {
      context.listen(permissionAnswer, () => answer);
    });
    await using host = await permissionsHost({
      settings: [rules("user", { deny: ["Bash(rm:*)"], ask })],
      plugins: [hooks],
    });
    const said = await host.outcome("Bash", bash("ls"));
    if (outcome === "done") expect(said).toBe("done");
    else expect(said).toContain(outcome);
  });
});

describe("a person", () => {
  it("can allow a command for the session", async () => {
    await using host = await permissionsHost({ person: "always-session" });
    const child = new MemorySession({ directory: host.session.directory, parent: host.session, agent: "helper" });
    await host.outcome("Bash", bash("npm test"), child);
    expect(host.session.options.allow).toEqual(["Bash(npm test)"]);
    expect(host.questions[0]?.agentPath).toEqual(["helper"]);
    expect([await host.outcome("Bash", bash("npm test")), await host.outcome("Bash", bash("npm test"), child)]).toEqual(
      ["done", "done"],
    );
    expect(host.questions).toHaveLength(1);
  });

  it("can allow a folder for the project, in the person's own file", async () => {
    await using host = await permissionsHost({
      person: "always-project",
      settings: [rules("project", { allow: ["X"] }), rules("local", { allow: ["Y"], deny: ["Z"] })],
    });
    await host.outcome("Edit", { file_path: "sub dir/a.ts" });
    const rule = `Edit(/${host.path("sub\\ dir")}/**)`;
    expect(host.settings.layers("permissions").find(({ layer }) => layer === "local")?.value).toEqual({
      allow: ["Y", rule],
      deny: ["Z"],
    });
    expect(await host.outcome("Edit", { file_path: "sub dir/deeper/b.ts" })).toBe("done");
    expect(host.questions).toHaveLength(1);
  });

  const withoutOffer = [
    { name: "a command that would read as a prefix", tool: "Bash", input: bash("rm *") },
    { name: "a command of several lines", tool: "Bash", input: bash("a\nb") },
    { name: "a critical path", tool: "Write", input: { file_path: ".git/config" } },
    { name: "what a rule asks for", tool: "Change", input: {} },
  ];
  it.each(withoutOffer)("is asked for this once about $name", async ({ tool, input }) => {
    await using host = await permissionsHost({ person: "allow", settings: [rules("user", { ask: ["Change"] })] });
    expect(await host.outcome(tool, input)).toBe("done");
    expect(host.questions[0]?.choices.map(({ id }) => id)).toEqual(["allow", "deny"]);
  });
});

describe("an agent", () => {
  it("is never freer than those above it", async () => {
    await using host = await permissionsHost({
      session: { tools: ["Read", "Bash"], options: { deny: ["Bash(rm:*)"] } },
    });
    const child = new MemorySession({
      directory: host.session.directory,
      parent: host.session,
      options: { permissionMode: "bypassPermissions" },
      tools: ["Bash", "Edit"],
    });
    expect(await host.outcome("Bash", bash("ls"), child)).toContain("no rule allows");
    expect(await host.outcome("Edit", { file_path: "a.ts" }, child)).toContain("may not use `Edit`");
    expect(await host.outcome("Read", { file_path: "a.ts" }, child)).toContain("may not use `Read`");
    host.session.setOptions({ permissionMode: "bypassPermissions" });
    expect(await host.outcome("Bash", bash("ls"), child)).toBe("done");
    expect(await host.outcome("Bash", bash("rm x"), child)).toContain(
      "denied by the rule `Bash(rm:*)` of this session",
    );
  });

  it("cannot pretend to be a session by data", async () => {
    await using host = await permissionsHost();
    const context = {
      directory: host.session.directory,
      session: { options: { permissionMode: "bypassPermissions" } },
    };
    const gate = await host.test.host.frontend.emit(toolPermission, {
      point: "plugsmith/tool",
      plugin: host.test.host.frontend.plugin,
      name: "Bash",
      descriptor: { name: "Bash", description: "", inputSchema: {}, readOnly: false, concurrencySafe: false },
      input: bash("ls"),
      callId: "1",
      agentPath: [],
      context,
    });
    expect(gate.decision).toBe("ask");
  });
});

describe("the read rules", () => {
  it("are told to tools that find files on their own", async () => {
    await using host = await permissionsHost({ settings: [rules("project", { deny: ["Read(**/.env)"] })] });
    const permissions = await host.test.host.frontend.use(permissionsService);
    expect(permissions.mayRead(host.path("sub/.env"), host.session)).toBe(false);
    expect(permissions.mayRead(host.path("sub/env"), host.session)).toBe(true);
  });
});

describe("/add-dir", () => {
  const added = async (host: PermissionsHost, text: string) =>
    host.test.host.frontend.emit(promptExpansion, { session: host.session, text });

  it("lets the session, and agents below it, work in one more folder, and tells of it once", async () => {
    const told: unknown[] = [];
    const listener = codePlugin("listener", { listens: [directoryAdded.key], activation: "startup" }, (context) => {
      context.listen(directoryAdded, ({ directory, source }) => void told.push([directory, source]));
    });
    await using host = await permissionsHost({
      plugins: [listener],
      session: { options: { permissionMode: "acceptEdits" } },
    });
    host.project.write("other/b.ts", "b");
    const other = host.path("../other").replace("/work/..", "");
    const edit = { file_path: `${other}/b.ts` };
    expect(await host.outcome("Edit", edit)).not.toBe("done");
    expect(await added(host, "/add-dir ../other")).toMatchObject({
      name: "add-dir",
      answer: `the session may work in \`${other}\` too`,
    });
    expect(await host.outcome("Edit", edit)).toBe("done");
    expect((await added(host, `/add-dir ${other}`))?.answer).toContain("already");
    await expect.poll(() => told).toEqual([[other, "slash_command"]]);
  });

  const rows = ["/add-dir", "/add-dir nowhere", "/add-dir a.ts"];
  it.each(rows)("says what is wrong with %s", async (text) => {
    await using host = await permissionsHost();
    expect(await added(host, text)).toMatchObject({ failed: expect.any(String) });
    expect(host.session.options.additionalDirectories).toBeUndefined();
  });

  it("is no other command", async () => {
    await using host = await permissionsHost();
    expect(await added(host, "/add-directory x")).toBeUndefined();
  });
});
