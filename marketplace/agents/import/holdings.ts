import { CodedError } from "../../../schemas/errors.ts";
import { nearest } from "../../../schemas/names.ts";
import type { Home } from "../../home.ts";
import { readAgentState } from "../agent-state.ts";
import type { Machine } from "../target.ts";
import { claudeHoldings } from "./claude.ts";
import { codexHoldings } from "./codex.ts";
import { copilotHoldings } from "./copilot.ts";
import { geminiHoldings } from "./gemini.ts";
import type { Holdings } from "./holding.ts";
import { skillsHoldings } from "./skills.ts";

type Reader = (machine: Machine, home: Home) => Holdings | Promise<Holdings>;

const READERS: Readonly<Record<string, Reader>> = {
  claude: claudeHoldings,
  codex: codexHoldings,
  copilot: copilotHoldings,
  gemini: geminiHoldings,
  skills: (machine, home) => {
    const ours = placedPaths(home);
    return skillsHoldings(machine, (path) => ours.has(path));
  },
};

/** The agents whose own plugins can be read. */
export const IMPORTABLE: readonly string[] = Object.keys(READERS);

/**
 * Reads what agents have by themselves, of all of them when none is named; nothing is started and nothing changed.
 * Throws `E_AGENT_UNKNOWN`, `E_STATE_CORRUPT`, `E_IO`.
 */
export async function readHoldings(
  names: readonly string[],
  machine: Machine,
  home: Home,
): Promise<readonly Holdings[]> {
  const readers = (names.length === 0 ? IMPORTABLE : [...new Set(names)]).map((name) => {
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (reader !== undefined) return reader;
    const guess = nearest(name, IMPORTABLE);
    throw new CodedError("E_AGENT_UNKNOWN", `plugins of \`${name}\` cannot be read`, {
      hint:
        guess === undefined
          ? `those of ${IMPORTABLE.map((one) => `\`${one}\``).join(", ")} can`
          : `did you mean \`${guess}\`?`,
    });
  });
  return Promise.all(readers.map(async (read) => read(machine, home)));
}

/** Everything that was written into agents from here. */
function placedPaths(home: Home): ReadonlySet<string> {
  const roots = Object.values(readAgentState(home.agentState).roots);
  const records = roots.flatMap(({ agents }) => Object.values(agents));
  return new Set(records.flatMap(({ placements }) => placements.map(({ path }) => path)));
}
