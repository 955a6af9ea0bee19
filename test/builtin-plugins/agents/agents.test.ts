import { readFileSync, realpathSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { looseFolders } from "../../../core/discover/loose-folders.ts";
import type { HostPlugin } from "../../../core/host-plugin.ts";
import {
  agentStart,
  agentsService,
  contextTexts,
  personService,
  systemPrompt,
  systemPromptTexts,
  toolPoint,
  turnsService,
  type SessionOptions,
} from "../../../plugin-api/index.ts";
import { toolPlugins, workspaceAt } from "../../support/agent-parts.ts";
import { MemorySession, MemorySessions } from "../../support/memory-sessions.ts";
import { scriptedTurns, type Script, type Step } from "../../support/scripted-turns.ts";
import { temporaryHome } from "../../support/temporary-home.ts";
import { builtins, codePlugin, pluginIn, testHost } from "../../support/test-host.ts";

const MANIFEST = new URL("../../../builtin-plugins/agents/.claude-plugin/plugin.json", import.meta.url);
const spawn = (agent: string, more = {}): Step => ({
  call: "Agent",
  input: { description: "task", prompt: "Do the task", subagent_type: agent, ...more },
});
const echo: Step = { call: "Bash", input: { command: "echo hi" } };

interface Case {
  readonly agents?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly script?: Script;
  readonly options?: Partial<SessionOptions>;
  readonly tools?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly loose?: boolean;
  readonly more?: readonly HostPlugin[];
}

/** A host with agents of the plugin `city`, and one turn of its main session. */
async function run({ agents = {}, files = {}, script, loose = false, ...rest }: Case) {
  const folder = temporaryHome();
  const directory = realpathSync(folder.directory);
  folder.write("city/.claude-plugin/plugin.json", JSON.stringify({ name: "city" }));
  const place = loose ? "home/.claude" : "city";
  for (const [name, text] of Object.entries(agents)) folder.write(`${place}/agents/${name}.md`, text);
  for (const [name, text] of Object.entries(files)) folder.write(`city/${name}`, text);
  const sessions = new MemorySessions();
  const session = new MemorySession({ directory, tools: rest.tools, options: rest.options });
  let plugins: readonly HostPlugin[] = [];
  const test = await testHost(
    (home) => {
      const homeDirectory = `${directory}/home`;
      const workspace = {
        directory,
        projectDirectory: directory,
        homeDirectory,
        plugsmithHome: `${homeDirectory}/.plugsmith`,
        trusted: true,
      };
      plugins = loose
        ? looseFolders({ workspace, dataRoot: home.path("data"), managed: [] })
        : [pluginIn(folder.path("city"), home)];
      return [
        ...toolPlugins(),
        ...builtins(["prompt-text", "skills", "agents"], home),
        scriptedTurns(script ?? (() => [{ say: "done" }]), sessions),
        ...plugins,
        ...(rest.more ?? []),
      ];
    },
    { services: [workspaceAt(directory, { environment: rest.environment ?? {} })] },
  );
  const asked: (readonly string[])[] = [];
  test.host.frontend.provide(personService, {
    ask: async ({ agentPath }) => {
      asked.push(agentPath);
      return { choice: "allow" };
    },
  });
  const progress: string[] = [];
  const turn = async (prompt = "Go"): Promise<string> => {
    const events = (await test.host.frontend.use(turnsService)).run({ session, prompt });
    for (;;) {
      const next = await events.next();
      if (next.done === true) return next.value.text;
      if (next.value.type === "tool-progress") progress.push(next.value.text);
    }
  };
  const dispose = async (): Promise<void> => {
    await test[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  };
  return { test, plugins, session, sessions, asked, progress, turn, directory, [Symbol.asyncDispose]: dispose };
}

/** The main session spawns one agent and repeats what it said; the agent does `steps`. */
const spawning =
  (agent: string, steps: readonly Step[] = [{ say: "done" }], more = {}): Script =>
  (session) =>
    session.agentPath.length === 0 ? [spawn(agent, more), { say: "{0}" }] : steps;

describe("an agent", () => {
  it("has its own conversation, prompt, tools, model and limit, and its last words come back", async () => {
    const text =
      "---\nname: scout\ndescription: Looks.\ntools: Read, Bash\nmodel: haiku\nmaxTurns: 2\n---\nYou scout ${PLUGIN_ROOT}.";
    const script = spawning("city:scout", [echo, { say: "saw {0}" }, { say: "too late" }]);
    await using at = await run({ agents: { scout: text }, script, options: { effort: "low" } });
    expect(await at.turn()).toBe("saw hi\n\n(It was stopped after 2 turns, its limit.)");
    const [child] = at.sessions.opened;
    expect(child?.agentPath).toEqual(["city:scout"]);
    expect(child?.tools).toEqual(["Read", "Bash"].sort((left, right) => (left < right ? -1 : 1)));
    expect(child?.system).toEqual([`You scout ${at.directory}/city.`]);
    expect(child?.options).toMatchObject({ model: "haiku", effort: "low" });
    expect(child?.messages[0]?.content).toMatchObject([{ text: "Do the task" }]);
    expect(child?.signal.aborted).toBe(true);
    expect(at.session.messages).toHaveLength(2);
  });

  it("of a plugin is ignored in what it may not set, with a finding", async () => {
    const text = "---\nname: a\ndescription: A.\npermissionMode: bypassPermissions\nhooks: {}\n---\nA.";
    await using at = await run({ agents: { a: text }, script: spawning("a") });
    expect(await at.turn()).toBe("done");
    expect(at.sessions.opened[0]?.options.permissionMode).toBe("default");
    expect(at.plugins[0]?.diagnostics.map(({ code }) => code)).toEqual(["W_AGENT_FIELD", "W_AGENT_FIELD"]);
  });

  it("of a person may have a narrower permission mode, never a wider one", async () => {
    const agents = {
      wide: "---\nname: wide\ndescription: A.\npermissionMode: bypassPermissions\n---\nA.",
      narrow: "---\nname: narrow\ndescription: A.\npermissionMode: plan\n---\nA.",
    };
    const script: Script = ({ agentPath }) => (agentPath.length === 0 ? [spawn("wide"), spawn("narrow")] : []);
    await using at = await run({ agents, script, loose: true });
    await at.turn();
    expect(at.sessions.opened.map(({ options }) => options.permissionMode)).toEqual(["default", "plan"]);
    expect(at.test.warnings.join()).toContain("wider than `default`");
  });

  it("NM05: that is built in is there without any plugin, and is not shadowed", async () => {
    const text = "---\nname: general-purpose\ndescription: Mine.\n---\nMine.";
    await using at = await run({ agents: { g: text }, loose: true, script: spawning("general-purpose") });
    expect(await at.turn()).toBe("done");
    expect(at.sessions.opened[0]?.system?.[0]).toContain("carries out one task");
    expect(at.test.warnings.join()).toContain("is not used: there is an agent `general-purpose` already");
  });

  const models = [
    {
      name: "the environment",
      environment: { CLAUDE_CODE_SUBAGENT_MODEL: "env" },
      call: "call",
      own: "own",
      model: "env",
    },
    { name: "the call", call: "call", own: "own", model: "call" },
    { name: "the definition", own: "own", model: "own" },
    { name: "the parent", own: "inherit", model: "main" },
  ];
  it.each(models)("gets its model from $name", async ({ environment, call, own, model }) => {
    const agents = { a: `---\nname: a\ndescription: A.\nmodel: ${own}\n---\nA.` };
    const script = spawning("a", [], call === undefined ? {} : { model: call });
    await using at = await run({ agents, script, options: { model: "main" }, environment: environment ?? {} });
    await at.turn();
    expect(at.sessions.opened[0]?.options.model).toBe(model);
  });

  it("starts with the texts of its skills and of listeners", async () => {
    const files = { "skills/maps/SKILL.md": "---\ndescription: Maps.\n---\nRead maps." };
    const agents = { a: "---\nname: a\ndescription: A.\nskills: maps, nobody\n---\nA." };
    const greeter = codePlugin("greeter", { listens: [agentStart.key] }, (context) => {
      context.listen(agentStart, (start) => ({ ...start, texts: [...start.texts, `Hello ${start.agent}`] }));
    });
    await using at = await run({ agents, files, script: spawning("a"), more: [greeter] });
    await at.turn();
    const [first] = at.sessions.opened[0]?.messages ?? [];
    expect(JSON.stringify(first)).toMatch(/Hello city:a.*Skill `maps`.*Read maps.*Do the task/u);
    expect(at.test.warnings.join()).toContain("starts without the skill `nobody`");
  });

  it("shows what it does as progress, and asks the person under its own name", async () => {
    await using at = await run({ script: spawning("general-purpose", [echo, { say: "it" }]) });
    await at.turn();
    expect(at.progress).toEqual(['general-purpose: Bash {"command":"echo hi"}', "general-purpose: it"]);
    expect(at.asked).toEqual([["general-purpose"]]);
  });

  it("may spawn others three deep, and no deeper", async () => {
    const script: Script = () => [spawn("general-purpose"), { say: "below: {0}" }];
    await using at = await run({ script });
    const said = await at.turn();
    expect(said).toBe(
      "below: below: below: below: denied: agent `general-purpose/general-purpose/general-purpose` may not use `Agent`",
    );
    expect(at.sessions.opened.map(({ agentPath }) => agentPath.length)).toEqual([1, 2, 3]);
  });
});

describe("the tools of an agent", () => {
  const sets = [
    { name: "all of its parent's", fields: "", tools: ["Agent", "Bash", "Read", "Skill"] },
    { name: "a list", fields: "tools: [Read, Task(a)]", tools: ["Agent", "Read"] },
    {
      name: "none of what it disallows, whatever it lists",
      fields: "tools: Read, Bash\ndisallowedTools: Bash",
      tools: ["Read"],
    },
    { name: "a pattern", fields: "tools: B*", tools: ["Bash"] },
    { name: "what is left of its parent's", fields: "tools: Read, Bash", parent: ["Agent", "Read"], tools: ["Read"] },
    {
      name: "a rule in brackets as a denial",
      fields: "disallowedTools: Bash(rm:*)",
      tools: ["Agent", "Bash", "Read", "Skill"],
    },
  ];
  it.each(sets)("are $name", async ({ fields, tools, parent }) => {
    const agents = { a: `---\nname: a\ndescription: A.\n${fields}\n---\nA.` };
    await using at = await run({ agents, script: spawning("a"), ...(parent !== undefined && { tools: parent }) });
    expect(await at.turn()).toBe("done");
    expect([...(at.sessions.opened[0]?.tools ?? [])].sort()).toEqual(tools);
    if (fields.includes("rm")) expect(at.sessions.opened[0]?.options.deny).toEqual(["Bash(rm:*)"]);
  });

  it("must be at least one", async () => {
    const agents = { a: "---\nname: a\ndescription: A.\ntools: mcp__none\n---\nA." };
    await using at = await run({ agents, script: spawning("a") });
    expect(await at.turn()).toContain("agent `city:a` could use no tool: it asks for mcp__none");
    expect(at.sessions.opened).toEqual([]);
  });

  it("are checked again at each call, against every agent above", async () => {
    const agents = { a: "---\nname: a\ndescription: A.\ntools: Read, Agent\n---\nA." };
    const script: Script = ({ agentPath }) =>
      agentPath.length === 0
        ? [spawn("a"), { say: "{0}" }]
        : agentPath.length === 1
          ? [spawn("general-purpose"), echo, { say: "{0} | {1}" }]
          : [echo, { say: "{0}" }];
    await using at = await run({ agents, script });
    expect(await at.turn()).toBe(
      "denied: agent `city:a/general-purpose` may not use `Bash` | denied: agent `city:a` may not use `Bash`",
    );
  });

  it("come with the grants and refusals of the parent's turn", async () => {
    await using at = await run({
      script: spawning("general-purpose", [echo, { say: "{0}" }]),
      options: { deny: ["Write"] },
    });
    at.session.setTurn({ allow: ["Bash(echo:*)"], deny: ["Edit"] });
    expect(await at.turn()).toBe("hi");
    expect(at.asked).toEqual([]);
    expect(at.sessions.opened[0]?.options).toMatchObject({ allow: ["Bash(echo:*)"], deny: ["Write", "Edit"] });
  });
});

describe("agents", () => {
  const agents = {
    a: "---\nname: a\ndescription: About a.\n---\nA.",
    "deep/b": "---\ndescription: About b.\n---\nB.",
  };

  it("are named by plugin and folder, and told to the model once", async () => {
    await using at = await run({ agents });
    const service = await at.test.host.frontend.use(agentsService);
    expect(service.list().map(({ name }) => name)).toEqual(["city:a", "city:deep:b", "general-purpose"]);
    const told = async () =>
      (
        await at.test.host.frontend.emit(contextTexts, { session: at.session, reason: "prompt", texts: [] })
      ).texts.filter((text) => text.includes("Agent"));
    expect((await told())[0]).toContain("- city:a: About a.\n- city:deep:b: About b.\n- general-purpose: ");
    expect(await told()).toEqual([]);
  });

  it("that nobody knows are refused with the names that there are", async () => {
    await using at = await run({ agents, script: spawning("c") });
    expect(await at.turn()).toContain("there is no agent `c`; there are `city:a`, `city:deep:b`, `general-purpose`");
  });

  it("that nobody knows cannot be chosen, and the ones with a like name are said first", async () => {
    await using at = await run({ agents, options: { agent: "depe" } });
    const own = {
      message: "there is no agent `depe`; there are `city:deep:b`, `city:a`, `general-purpose`",
      hint: "for example `--agent city:deep:b`",
    };
    await expect(at.test.host.frontend.emit(systemPrompt, { session: at.session, parts: [] })).rejects.toMatchObject({
      cause: own,
    });
  });

  it("may be chosen for the main conversation", async () => {
    const own = { a: "---\nname: a\ndescription: A.\ntools: Read\n---\nYou are A." };
    await using at = await run({ agents: own, options: { agent: "city:a" }, script: () => [echo, { say: "{0}" }] });
    expect(await at.turn()).toBe("denied: agent `city:a` may not use `Bash`");
    expect(at.session.system).toEqual(["You are A."]);
  });

  it("leave other parts of the system prompt where they are", async () => {
    await using at = await run({ agents, options: { agent: "a" } });
    const parts = [{ order: 1, text: "coding", topic: "coding" } as const, { order: 9, text: "environment" }];
    const collected = await at.test.host.frontend.emit(systemPrompt, { session: at.session, parts });
    expect(systemPromptTexts(collected.parts)).toEqual(["A.", "environment"]);
  });

  it("end with the turn that asked for them", async () => {
    const stop = new AbortController();
    const script: Script = () => {
      stop.abort();
      return [echo];
    };
    await using at = await run({ script });
    const service = await at.test.host.frontend.use(agentsService);
    const request = { parent: at.session, agent: "general-purpose", prompt: "x", signal: stop.signal };
    expect(await service.run(request)).toEqual({ text: expect.stringContaining("aborted"), isError: true });
    expect(at.sessions.opened[0]?.signal.aborted).toBe(true);
  });

  it("are announced as their code gives them", async () => {
    await using at = await run({});
    await at.test.host.activate("agents@builtin");
    const tool = (await at.test.host.frontend.read(toolPoint)).all().find(({ name }) => name === "Agent");
    expect([tool?.descriptor]).toEqual(
      JSON.parse(readFileSync(MANIFEST, "utf8")).plugsmith.contributes["plugsmith/tool"],
    );
  });
});
