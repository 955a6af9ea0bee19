import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { argumentsHook } from "./hook-arguments.ts";
import { type TaggedMarket, taggedMarket } from "../support/tagged-market.ts";
import type { FixturePlugin } from "../support/plugin-files.ts";

/** A plugin with one of everything, which needs another one; every release says its version in its texts. */
function kit(version: string): FixturePlugin {
  return {
    version,
    skills: [],
    manifest: { name: "kit", version, description: `The kit ${version}`, dependencies: ["base"] },
    files: {
      "skills/greet/SKILL.md": `---\nname: greet\ndescription: Greets people politely, version ${version}\n---\n\nSay hello.\n`,
      "commands/draft.md": `---\ndescription: Drafts a note\n---\n\nDraft $ARGUMENTS.\n`,
      "agents/reviewer.md": `---\nname: reviewer\ndescription: Reviews what was written\n---\n\nYou review ${version}.\n`,
      "hooks/hooks.json": JSON.stringify({
        hooks: {
          PreToolUse: [
            { matcher: "Bash", hooks: [{ type: "command", command: `"\${CLAUDE_PLUGIN_ROOT}"/check.sh ${version}` }] },
          ],
          UserPromptSubmit: [{ hooks: [argumentsHook] }],
        },
      }),
      ".mcp.json": JSON.stringify({
        mcpServers: { facts: { command: "node", args: ["${CLAUDE_PLUGIN_ROOT}/server.mjs", version] } },
      }),
      "check.sh": "#!/bin/sh\nexit 0\n",
      "server.mjs": "process.stdin.resume();\n",
    },
  };
}

const base: FixturePlugin = {
  version: "0.1.0",
  skills: [],
  files: { "skills/ground/SKILL.md": "---\nname: ground\ndescription: Lays the ground\n---\n\nStand.\n" },
};

/** A git marketplace with `kit` 1.0.0 and its dependency. */
export function interopMarket(directory: string): TaggedMarket {
  mkdirSync(directory, { recursive: true });
  const market = taggedMarket("acme", join(directory, "market.git"));
  market.release({ kit: kit("1.0.0"), base });
  return market;
}

/** Releases `kit` 1.1.0. */
export function releaseNext(market: TaggedMarket): void {
  market.release({ kit: kit("1.1.0"), base }, ["kit"]);
}
