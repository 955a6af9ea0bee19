import { shellWord } from "../../schemas/shell-word.ts";
/** How one agent takes a plugin of this marketplace. */
export interface InstallLines {
  readonly agent: string;
  readonly lines: readonly string[];
}

/** What stands where nobody said how the marketplace is added. */
const UNKNOWN_SOURCE = "OWNER/REPO";

/** Agents that take plugins from marketplaces through a command of their own. */
const AGENTS: readonly { readonly agent: string; readonly add: string; readonly install: string }[] = [
  { agent: "Claude Code", add: "claude plugin marketplace add", install: "claude plugin install" },
  { agent: "Codex", add: "codex plugin marketplace add", install: "codex plugin add" },
  { agent: "Copilot CLI", add: "copilot plugin marketplace add", install: "copilot plugin install" },
];

/** Agents without marketplaces, which Plugsmith writes plugins into: their name, and what `--to` takes. */
const REACHED: readonly (readonly [agent: string, to: string])[] = [
  ["Gemini CLI", "gemini"],
  ["opencode", "opencode"],
  ["Cursor", "cursor"],
];

/** The commands that install a plugin, for each agent. */
export function installLines(id: string, source: string | undefined): readonly InstallLines[] {
  const from = shellWord(source ?? UNKNOWN_SOURCE);
  const own = { agent: "Plugsmith", lines: [`plugin marketplace add ${from}`, `plugin add ${id}`] };
  const others = AGENTS.map(({ agent, add, install }) => ({ agent, lines: [`${add} ${from}`, `${install} ${id}`] }));
  const reached = REACHED.map(([agent, to]) => ({
    agent,
    lines: [`plugin marketplace add ${from}`, `plugin add ${id} --to ${to}`],
  }));
  return [own, ...others, ...reached];
}
