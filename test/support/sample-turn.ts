import { fullHost, type FullHost } from "./full-host.ts";
import type { HostPlugin } from "../../core/host-plugin.ts";
import { samplePlugin } from "./sample-plugin.ts";
import { pluginIn } from "./test-host.ts";
import type { TemporaryHome } from "./temporary-home.ts";

/** Calls everything once, then says as JSON what came of it and what it was sent. */
const SCRIPT = `
const texts = (blocks) => blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\\n");
export default (request) => {
  const last = request.messages.at(-1).content;
  const results = last.filter(({ type }) => type === "tool_result");
  if (texts(last).includes("look around")) return "nothing to see";
  if (results.length === 0) {
    return {
      calls: [
        { name: "Read", input: { file_path: "note.txt" } },
        { name: "Bash", input: { command: "echo fine" } },
        { name: "Bash", input: { command: "echo forbidden" } },
        { name: "Skill", input: { skill: "sample:weather", args: "now" } },
        { name: "Agent", input: { description: "look", prompt: "look around", subagent_type: "sample:scout" } },
        { name: "LSP", input: { operation: "hover", filePath: "note.txt", line: 1, character: 1 } },
        { name: "mcp__plugin_sample_echoes__echo", input: { word: "hollow" } },
      ],
    };
  }
  const calls = request.messages.at(-2).content.filter(({ type }) => type === "tool_use");
  return JSON.stringify({
    prompt: texts(request.messages[0].content),
    system: request.system.join("\\n"),
    results: calls.map(({ name }, at) => ({ name, text: texts(results[at].content) })),
  });
};
`;

/** What each part of the whole gives when it is there. */
const SIGNS: Readonly<Record<string, (seen: Seen) => boolean>> = {
  command: ({ prompt }) => prompt.includes("Greet world in a low voice."),
  listing: ({ prompt }) => prompt.includes("sample:weather"),
  instructions: ({ system }) => system.includes("This project is about pears."),
  "output style": ({ system }) => system.includes("Speak calmly."),
  read: ({ results }) => results[0]?.text.includes("a pear") === true,
  shell: ({ results }) => results[1]?.text.includes("fine") === true,
  hook: ({ results }) => results[2]?.text.includes("the sample forbids it") === true,
  skill: ({ results }) => results[3]?.text.includes("Look out of the window, now.") === true,
  agent: ({ results }) => results[4]?.text.includes("nothing to see") === true,
  "language servers": ({ results }) => results[5]?.text.includes("has a language server for `.txt`") === true,
  "agent's prompt": ({ agentSystem }) =>
    agentSystem.includes("You are the scout.") && !/You are Plugsmith|work on code/u.test(agentSystem),
  "MCP tool": ({ results }) => results[6]?.text.includes("hollow") === true,
};

interface Seen {
  readonly prompt: string;
  readonly system: string;
  readonly results: readonly { readonly name: string; readonly text: string }[];
  /** The system prompt of a session under the sample's agent. */
  readonly agentSystem: string;
}

/** What a turn that uses everything came to. */
export interface SampleTurn {
  /** As `TurnResult`, or `refused` when no turn could be begun. */
  readonly reason: string;
  /** Parts of the whole that gave nothing. */
  readonly lost: readonly string[];
  /** What was said of it: of the turn that failed, or the results that name what is not there or not allowed. */
  readonly said: readonly string[];
}

/** The number of parts that a whole turn shows. */
export const SIGN_COUNT: number = Object.keys(SIGNS).length;

/** Boots a host of plugins and the sample; nothing but what starts at boot is activated. `allowed` are further rules of the person. */
export function sampleHost(
  plugins: (home: TemporaryHome) => readonly HostPlugin[],
  allowed: readonly string[] = [],
): Promise<FullHost> {
  return fullHost({
    plugins: (home) => {
      home.write("script.mjs", SCRIPT);
      home.write("project/note.txt", "a pear\n");
      home.write("project/AGENTS.md", "This project is about pears.\n");
      return [...plugins(home), pluginIn(samplePlugin(home), home)];
    },
    settings: { permissions: { allow: ["Bash(echo:*)", "mcp__plugin_sample_echoes__echo", ...allowed] } },
  });
}

/** Runs the turn that uses everything on the scripted model. */
export async function sampleTurn(host: FullHost): Promise<SampleTurn> {
  try {
    const model = `scripted:${host.home.path("script.mjs")}`;
    const session = await host.open({ options: { model, outputStyle: "sample:calm" } });
    const { result } = await host.turn(session, "/sample:greet world low");
    await session.close();
    if (result.reason !== "done") return { reason: result.reason, lost: [], said: [result.message ?? ""] };
    const under = await host.open({ options: { model, agent: "sample:scout" } });
    await host.turn(under, "look around");
    await under.close();
    // The script writes this shape.
    const seen = { ...(JSON.parse(result.text) as Omit<Seen, "agentSystem">), agentSystem: under.system?.join() ?? "" };
    const said = seen.results.filter(({ text }) => /^(?:there is no tool|denied: nobody)/u.test(text));
    return {
      reason: result.reason,
      lost: Object.entries(SIGNS).flatMap(([name, isThere]) => (isThere(seen) ? [] : [name])),
      said: [...new Set(said.map(({ text }) => text.split(";")[0] ?? text))],
    };
  } catch (error) {
    return { reason: "refused", lost: [], said: [error instanceof Error ? error.message : String(error)] };
  }
}
