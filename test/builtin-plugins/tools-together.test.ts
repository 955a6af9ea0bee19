import { realpathSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openProcesses } from "../../core/platform/processes.ts";
import { personService, settingsService, workspaceService } from "../../plugin-api/index.ts";
import { MemorySession } from "../support/memory-sessions.ts";
import { MemorySettings } from "../support/memory-settings.ts";
import { builtins, hostService, testHost } from "../support/test-host.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { callTool, textOf, toolPointOwner } from "../support/tool-caller.ts";

async function togetherHost(permissions: Readonly<Record<string, unknown>>, names: readonly string[]) {
  const project = temporaryHome();
  const directory = realpathSync(project.directory);
  const settings = new MemorySettings([{ layer: "user", file: "/user.json", values: { permissions } }]);
  const workspace = {
    directory,
    projectDirectory: directory,
    homeDirectory: "/nowhere",
    plugsmithHome: "/nowhere/.plugsmith",
    trusted: true,
    environment: { PATH: process.env["PATH"] ?? "" },
  };
  const processes = openProcesses({
    decide: () => ({ allowed: true }),
    workspace,
    audit: { append: () => undefined, heads: () => [] },
    failed: (_plugin, error) => {
      throw error;
    },
  });
  const test = await testHost((home) => [toolPointOwner(), ...builtins(names, home)], {
    services: [processes.service, hostService(settingsService, settings), hostService(workspaceService, workspace)],
  });
  const session = new MemorySession({ directory });
  return {
    test,
    project,
    session,
    settings,
    call: async (tool: string, input: unknown) => textOf(await callTool(test.host, session, tool, input)),
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      await processes.dispose();
      project[Symbol.dispose]();
    },
  };
}

const ALL = ["background-tasks", "file-tools", "shell-tool", "permissions", "instructions"];

describe("the tools under the permissions", () => {
  it("read without a question and change files only when they may", async () => {
    await using host = await togetherHost({ allow: ["Edit(*.txt)"] }, ALL);
    host.project.write("a.txt", "one");
    host.project.write("b.md", "one");
    const edit = (name: string) => ({ file_path: name, old_string: "one", new_string: "two" });
    expect(await host.call("Read", { file_path: "a.txt" })).toContain("one");
    expect(await host.call("Read", { file_path: "b.md" })).toContain("one");
    expect(await host.call("Edit", edit("a.txt"))).toContain("changed");
    expect(await host.call("Edit", edit("b.md"))).toContain("denied: no rule allows `Edit`");
    expect([host.project.path("a.txt"), host.project.path("b.md")].map((file) => readFileSync(file, "utf8"))).toEqual([
      "two",
      "one",
    ]);
  });

  it("show nothing of files that a rule denies, whichever tool looks", async () => {
    await using host = await togetherHost({ deny: ["Read(.env)"], allow: ["Bash(cat:*)"] }, ALL);
    host.project.write(".env", "needle");
    host.project.write("a.txt", "needle");
    expect(await host.call("Read", { file_path: ".env" })).toContain("denied by the rule `Read(.env)`");
    expect(await host.call("Grep", { pattern: "needle" })).toBe("a.txt");
    expect(await host.call("Grep", { pattern: "needle", path: host.project.path(".env") })).toContain("denied");
    expect(await host.call("Glob", { pattern: "*" })).not.toContain(".env");
  });

  it("read the file that a long output went to, though it lies outside the project", async () => {
    await using host = await togetherHost({ allow: ["Bash(seq:*)"] }, ALL);
    const shown = await host.call("Bash", { command: "seq 1 20000" });
    const file_path = /all of it is in `(?<file>[^`]+)`/u.exec(shown)?.groups?.["file"] ?? "";
    expect(await host.call("Read", { file_path, offset: 19_999 })).toContain(" 20000\t20000");
    const other = new MemorySession({ directory: host.session.directory });
    const denied = await callTool(host.test.host, other, "Read", { file_path });
    expect(textOf(denied)).toContain("outside the working folders");
  });

  it("end commands in the background without a question", async () => {
    await using host = await togetherHost({ allow: ["Bash(sleep 600)"] }, ALL);
    await host.call("Bash", { command: "sleep 600", run_in_background: true });
    expect(await host.call("TaskStop", { task_id: "bash_1" })).toBe("bash_1 was ended");
  });

  it("remember a person's choice for the project", async () => {
    await using host = await togetherHost({}, ALL);
    host.test.host.frontend.provide(personService, { ask: async () => ({ choice: "always-project" }) });
    expect(await host.call("Bash", { command: "echo hi" })).toBe("hi");
    expect(host.settings.layers("permissions")[0]).toMatchObject({
      layer: "local",
      value: { allow: ["Bash(echo hi)"] },
    });
  });

  it("do nothing without the permissions", async () => {
    await using host = await togetherHost({ allow: ["Bash", "Edit"] }, ["file-tools", "shell-tool"]);
    host.project.write("a.txt", "one");
    expect(await host.call("Read", { file_path: "a.txt" })).toContain("denied: nobody answers");
    expect(await host.call("Bash", { command: "echo hi" })).toContain("denied: nobody answers");
  });

  it("leave nothing behind when their plugins are disposed", async () => {
    await using host = await togetherHost({}, ALL);
    for (const name of ALL) await host.test.host.activate(`${name}@builtin`);
    await host.test.host.dispose();
    expect(host.test.host.registered).toEqual({ contributions: 0, listeners: 0, services: 0 });
    expect(host.test.warnings).toEqual([]);
  });
});
