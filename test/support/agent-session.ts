import { FixtureRepository } from "./git-repository.ts";
import { fullHost, type FullHost } from "./full-host.ts";
import { lastResults, messagesServer, pieces, type MessagesServer, type Reply } from "./messages-server/index.ts";
import { builtins, pluginIn } from "./test-host.ts";
import { canary } from "./canary.ts";

type SentRequest = Parameters<Parameters<typeof messagesServer>[0]["reply"]>[0];

/** What the model answers in the `step`-th request, from 0, of one conversation; `results` are those of the calls before. */
export type Answerer = (step: number, results: readonly string[], request: SentRequest) => Reply | Promise<Reply>;

/** What a session with agents is made of. */
export interface AgentSessionOptions {
  /** Front matter and text of agents of the plugin `city`, by name. */
  readonly agents?: Readonly<Record<string, string>> | undefined;
  /** Hooks of the plugin, as `hooks.json` has them. */
  readonly hooks?: unknown;
  /** Files of the project. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** Makes a repository of the project; `committed`: with its files in one commit. */
  readonly repository?: "empty" | "committed" | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly trusted?: boolean | undefined;
  readonly main: Answerer;
  /** Of every agent: those whose first message holds `TASK`. */
  readonly agent?: Answerer | undefined;
}

/** A host with agents, their tools and a model of the strict loopback service. */
export interface AgentSession extends AsyncDisposable {
  readonly host: FullHost;
  readonly service: MessagesServer;
}

const NAMES = [
  "transcript",
  "turn-loop",
  "model-anthropic",
  "prompt-text",
  "agents",
  "background-tasks",
  "command-hooks",
  "file-tools",
  "shell-tool",
  "permissions",
  "instructions",
];

/** Boots it. */
export async function agentSession(options: AgentSessionOptions): Promise<AgentSession> {
  const { agents = {}, files = {}, main, agent = () => ({ text: "done" }) } = options;
  const service = await messagesServer({
    reply: (request) => {
      const step = request.messages.filter(({ role }) => role === "assistant").length;
      const results = [...lastResults(request).values()].map(({ text }) => text);
      return (isAgent(request) ? agent : main)(step, results, request);
    },
  });
  const host = await fullHost({
    plugins: (home) => {
      home.write("city/.claude-plugin/plugin.json", JSON.stringify({ name: "city" }));
      for (const [name, text] of Object.entries(agents)) home.write(`city/agents/${name}.md`, text);
      if (options.hooks !== undefined) home.write("city/hooks/hooks.json", JSON.stringify({ hooks: options.hooks }));
      for (const [name, text] of Object.entries(files)) home.write(`project/${name}`, text);
      if (options.repository !== undefined) makeRepository(home.path("project"), options.repository === "committed");
      return [...builtins(NAMES, home), pluginIn(home.path("city"), home)];
    },
    settings: options.settings,
    environment: { ANTHROPIC_API_KEY: canary("model"), ANTHROPIC_BASE_URL: service.url, ...options.environment },
    trusted: options.trusted,
  });
  return {
    host,
    service,
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}

function makeRepository(directory: string, isCommitted: boolean): void {
  const repository = new FixtureRepository(directory, { bare: false });
  if (!isCommitted) return;
  repository.git(["add", "."]);
  repository.git(["commit", "--quiet", "-m", "first"]);
}

/** Whether a request is of an agent. */
export function isAgent({ messages }: SentRequest): boolean {
  return JSON.stringify(messages[0]).includes("TASK");
}

/** The requests of the main conversation or of the agents, as the pieces that the model reads. */
export function sentBy(who: "main" | "agent", { service }: AgentSession): readonly (readonly string[])[] {
  return service.requests
    .filter(({ body }) => isAgent(body) === (who === "agent"))
    .map(({ body }) => pieces(body).map(({ text }) => text));
}

/** A call that hands `TASK` to an agent. */
export function spawning(
  agent: string,
  more: Readonly<Record<string, unknown>> = {},
): NonNullable<Reply["calls"]>[number] {
  const input = { description: "look around", prompt: "TASK: look", subagent_type: agent, ...more };
  return { name: "Agent", input };
}
