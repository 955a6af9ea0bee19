import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { type AgentOutcome, carry } from "../../../marketplace/agents/carry.ts";
import { type AgentRecord, NOTHING } from "../../../marketplace/agents/agent-state.ts";
import { placeOf } from "../../../marketplace/agents/place.ts";
import type { AgentPlugin, AgentTarget, Machine, Place } from "../../../marketplace/agents/target.ts";
import { homeAt } from "../../../marketplace/home.ts";
import { readPlugin } from "../../../schemas/formats/index.ts";
import { type FixturePlugin, pluginFiles } from "../../support/plugin-files.ts";
import { type TemporaryHome, temporaryHome } from "../../support/temporary-home.ts";

/** A plugin with one component of every kind that another agent can hold. */
export const KIT: FixturePlugin = {
  version: "1.0.0",
  skills: [],
  files: {
    "skills/greet/SKILL.md": "---\nname: greet\ndescription: Greets\n---\n\nRead ${CLAUDE_PLUGIN_ROOT}/words.txt.\n",
    "skills/greet/words.txt": "hello",
    "commands/draft.md": "---\ndescription: Drafts\n---\n\nDraft $ARGUMENTS, then $ARGUMENTS[0].\n",
    "agents/reviewer.md": "---\nname: reviewer\ndescription: Reviews\n---\n\nYou review.\n",
    "hooks/hooks.json": JSON.stringify({
      hooks: {
        PreToolUse: [
          { matcher: "Bash|Edit", hooks: [{ type: "command", command: "${CLAUDE_PLUGIN_ROOT}/check", timeout: 5 }] },
        ],
        TeammateIdle: [{ hooks: [{ type: "command", command: "true" }] }],
      },
    }),
    ".mcp.json": JSON.stringify({
      mcpServers: {
        facts: { command: "node", args: ["${CLAUDE_PLUGIN_ROOT}/server.js"], env: { KEY: "${TOKEN:-none}" } },
        far: { type: "http", url: "https://far.example/mcp" },
      },
    }),
    ".lsp.json": JSON.stringify({ css: { command: "css-ls", args: [], extensionToLanguage: { ".css": "css" } } }),
  },
};

/** A machine with one agent on it, and the trees of plugins. */
export interface AgentMachine extends Disposable {
  readonly home: TemporaryHome;
  readonly machine: Machine;
  /** Writes a plugin's tree and reads it. */
  readonly plugin: (name: string, fixture: FixturePlugin, members?: Partial<AgentPlugin>) => AgentPlugin;
  readonly place: (target: AgentTarget, root?: string) => Place;
  /** Carries a set into the agent and remembers what it holds, as the next call finds it. */
  readonly carry: (target: AgentTarget, plugins: readonly AgentPlugin[]) => Promise<AgentOutcome>;
  readonly record: () => AgentRecord;
}

/** Makes the machine. `programs` are put on the search path; they cannot be started. */
export function agentMachine(programs: readonly string[] = []): AgentMachine {
  const home = temporaryHome();
  for (const name of programs) chmodSync(home.write(`bin/${name}`, "#!/bin/false\n"), 0o755);
  const person = home.path("person");
  mkdirSync(person, { recursive: true });
  const machine: Machine = { environment: { PATH: home.path("bin") }, homeDirectory: person };
  const plugsmith = homeAt(home.path("person", ".plugsmith"));
  const place = (target: AgentTarget, root = "user"): Place => {
    const found = target.find(machine);
    if (found === undefined) throw new Error(`${target.title} was not found`);
    return placeOf(plugsmith, root, target, found, machine);
  };
  let record = NOTHING;
  return {
    home,
    machine,
    place,
    plugin(name, fixture, members = {}) {
      const tree = home.path("trees", `${name}-${fixture.version ?? "0"}`);
      if (!existsSync(tree)) {
        for (const [path, text] of Object.entries(pluginFiles(name, fixture))) {
          home.write(join("trees", `${name}-${fixture.version ?? "0"}`, path), text);
        }
      }
      const { manifest } = readPlugin(openDirectoryTree(tree), {});
      if (manifest === undefined) throw new Error(`${name} cannot be read`);
      return {
        id: `${name}@acme`,
        name,
        version: fixture.version ?? "0.0.0",
        enabled: true,
        tree,
        key: `${name} ${fixture.version ?? "0"}`,
        manifest,
        contributions: manifest.contributions,
        whole: true,
        data: home.path("data", name),
        ...members,
      };
    },
    carry: (target, plugins) =>
      carry(plugins, record, {
        target,
        place: place(target),
        signal: new AbortController().signal,
        remember: (next) => (record = next),
      }),
    record: () => record,
    [Symbol.dispose]: () => home[Symbol.dispose](),
  };
}
