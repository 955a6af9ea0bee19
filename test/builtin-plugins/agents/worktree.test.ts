import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { agentSession, spawning, type AgentSession, type Answerer } from "../../support/agent-session.ts";

const SCOUT = "---\nname: scout\ndescription: Scouts.\nisolation: worktree\n---\nYou scout.";
const bash = (command: string) => ({ name: "Bash", input: { command } });
const write = (file: string) => ({ name: "Write", input: { file_path: file, content: "changed\n" } });
const calling: Answerer = (step, results) =>
  step === 0 ? { calls: [spawning("city:scout")] } : { text: results.join("\n") };
const git = (directory: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync("git", args, { cwd: directory, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
};

interface Case {
  readonly agent?: Answerer;
  /** `null`: none. */
  readonly repository?: "empty" | null;
  readonly trusted?: boolean;
  readonly hooks?: unknown;
}

/** What the main conversation is told of an agent that works in a copy of the project. */
async function run({ agent, repository, trusted, hooks }: Case) {
  const at = await agentSession({
    agents: { scout: SCOUT },
    files: { "a.txt": "first\n", "AGENTS.md": "About pears.\n" },
    settings: { permissions: { allow: ["Bash"] } },
    main: calling,
    agent,
    repository: repository === null ? undefined : (repository ?? "committed"),
    trusted,
    hooks,
  });
  const { project } = at.host;
  const session = await at.host.open({ options: { permissionMode: "acceptEdits" } });
  const { result } = await at.host.turn(session, "go");
  return { at, project, said: result.text, [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() };
}

const systemOf = ({ service }: AgentSession): string =>
  JSON.stringify(service.requests.find(({ body }) => JSON.stringify(body.messages[0]).includes("TASK"))?.body.system);

describe("an agent in a worktree", () => {
  it("works in a copy that goes when nothing was changed in it", async () => {
    await using done = await run({
      agent: (step, results) =>
        step === 0 ? { calls: [bash("pwd; cat a.txt; git status --short; cd ..; pwd")] } : { text: results.join() },
    });
    const [where = "", ...rest] = done.said.split("\n");
    expect(where.startsWith(`${done.project}/.agents/worktrees/city-scout-`)).toBe(true);
    expect(rest).toEqual([
      "first",
      `${done.project}/.agents/worktrees`,
      expect.stringContaining(`is \`${where}\` again`),
    ]);
    expect(existsSync(where)).toBe(false);
    expect(git(done.project, "branch", "--list", "worktree-*")).toBe("");
    expect(git(done.project, "status", "--short")).toBe("");
    expect(systemOf(done.at)).toContain("About pears.");
    expect(systemOf(done.at)).toContain(`- Project: ${where}`);
  });

  it("leaves its changes in a branch that the parent is told of, and cannot reach the project itself", async () => {
    await using done = await run({
      agent: (step, results) => {
        if (step === 0) return { calls: [write("new.txt"), bash("cat ../../../a.txt; git rev-parse --show-toplevel")] };
        if (step === 1) return { calls: [write(`${(results[1] ?? "").split("\n")[1] ?? ""}/../../../b.txt`)] };
        return { text: results.join() };
      },
    });
    expect(done.said).toMatch(/denied: .*outside the working folders/u);
    const kept = /in the worktree `(?<path>[^`]+)` on the branch `(?<branch>[^`]+)`, which is kept/u.exec(
      done.said,
    )?.groups;
    expect(readFileSync(`${kept?.["path"] ?? ""}/new.txt`, "utf8")).toBe("changed\n");
    expect(git(done.project, "branch", "--list", kept?.["branch"] ?? "-")).toContain("worktree-city-scout-");
    expect(readdirSync(done.project)).not.toContain("b.txt");
    expect(git(done.project, "status", "--short")).toBe("");
  });

  const refusals: readonly (Case & { readonly name: string; readonly why: string })[] = [
    {
      name: "without a repository",
      repository: null,
      why: "is no git repository, and no WorktreeCreate hook makes a copy",
    },
    { name: "without a commit", repository: "empty", why: "has no commit yet" },
    { name: "in a project that nobody trusts", trusted: false, why: "nobody trusts" },
  ];
  it.each(refusals)("is refused $name", async ({ why, ...rest }) => {
    await using done = await run(rest);
    expect(done.said).toContain("agent `city:scout` cannot work in a worktree: ");
    expect(done.said).toContain(why);
  });
});

describe("hooks of worktrees", () => {
  const hook = (command: string) => [{ hooks: [{ type: "command", command }] }];

  it("stand in place of git", async () => {
    const create =
      'name=$(sed "s/.*\\"name\\":\\"//;s/\\".*//"); mkdir -p copies/$name; echo made >&2; echo "$PWD/copies/$name"';
    await using done = await run({
      repository: null,
      hooks: { WorktreeCreate: hook(create), WorktreeRemove: hook("cat >removed") },
      agent: (step, results) => (step === 0 ? { calls: [bash("pwd")] } : { text: results.join() }),
    });
    const [where = ""] = done.said.split("\n");
    expect(where.startsWith(`${done.project}/copies/city-scout-`)).toBe(true);
    expect(done.said).toContain(
      `(It worked in the worktree \`${where}\`, which is kept since nothing says whether it was changed.)`,
    );
    expect(existsSync(`${done.project}/removed`)).toBe(false);
  });

  it("hear of copies that go, whoever made them", async () => {
    await using done = await run({
      hooks: { WorktreeRemove: hook("cat >../removed") },
    });
    expect(done.said).toBe("done");
    const told: unknown = JSON.parse(readFileSync(`${done.project}/../removed`, "utf8"));
    expect(told).toMatchObject({
      hook_event_name: "WorktreeRemove",
      worktree_path: expect.stringContaining("city-scout-"),
    });
  });

  const failures = [
    {
      name: "fails",
      command: "echo no room >&2; exit 1",
      why: "the WorktreeCreate hook failed: it ended with 1: no room",
    },
    { name: "says nothing", command: "true", why: "the WorktreeCreate hook printed no path of a folder" },
    { name: "names no folder", command: "echo nowhere", why: "named `nowhere`, which is no folder" },
  ];
  it.each(failures)("refuse the agent where one $name", async ({ command, why }) => {
    await using done = await run({ hooks: { WorktreeCreate: hook(command) } });
    expect(done.said).toContain(why);
  });
});
