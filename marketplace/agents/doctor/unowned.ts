import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { Home } from "../../home.ts";
import { type AgentRecord, readAgentState } from "../agent-state.ts";
import { IMPORTABLE, readHoldings } from "../import/holdings.ts";
import type { Machine } from "../target.ts";
import { deadCommand } from "./dead-command.ts";
import { type HomeEntry, homeEntries } from "./home-entry.ts";

/** Something in an agent's home that no lock of ours owns. */
export interface Unowned {
  readonly agent: string;
  readonly kind: "hook" | "MCP server" | "plugin";
  /** Event of a hook, name of a server, what the agent calls a plugin. */
  readonly name: string;
  readonly file: string;
  /** What it starts, whole. */
  readonly command?: string | undefined;
  /** Why it cannot work. */
  readonly dead?: string | undefined;
  /** A command, or a sentence, that takes it out. */
  readonly takeAway?: string | undefined;
  /** Set for what can be taken out here, once the person said yes to it. */
  readonly entry?: HomeEntry | undefined;
}

/** A file of an agent that cannot be read. */
export interface Unread {
  readonly agent: string;
  readonly file: string;
  readonly why: string;
}

/** Everything in the homes of agents that is not from here. Throws `E_STATE_CORRUPT`, `E_IO`. */
export async function unowned(
  machine: Machine,
  home: Home,
): Promise<{ readonly unowned: readonly Unowned[]; readonly unread: readonly Unread[] }> {
  const records = Object.values(readAgentState(home.agentState).roots).flatMap(({ agents }) => Object.values(agents));
  const { entries, unread } = await homeEntries(machine);
  const holdings = await readHoldings(IMPORTABLE, machine, home);
  const foreign = entries.filter((entry) => !isOurs(entry, records));
  return {
    unowned: [
      ...foreign.map((entry): Unowned => {
        const { agent, kind, name, file, text, command } = entry;
        const dead = deadCommand(command, machine);
        return {
          agent,
          kind,
          name,
          file,
          command: text,
          ...(dead !== undefined && { dead }),
          entry,
        };
      }),
      ...holdings.flatMap(({ agent, plugins }) =>
        plugins.map(({ name, market, where, folder, takeAway }): Unowned => {
          const id = market === undefined || market.name === name ? name : `${name}@${market.name}`;
          const isGone = folder?.startsWith("/") === true && !existsSync(folder);
          return {
            agent,
            kind: "plugin",
            name: id,
            file: where,
            takeAway,
            ...(isGone && { dead: `\`${folder}\` does not exist` }),
          };
        }),
      ),
    ],
    unread: unread.map(({ agent, where, why }) => ({ agent, file: where, why })),
  };
}

function isOurs({ file, path, value }: HomeEntry, records: readonly AgentRecord[]): boolean {
  return records.some(({ configs }) =>
    configs.some(
      (config) =>
        config.file === file &&
        config.members.some((one) => isDeepStrictEqual(one.path, path) && isDeepStrictEqual(one.value, value)),
    ),
  );
}
