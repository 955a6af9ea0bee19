import { CodedError } from "../../schemas/errors.ts";
import { nearest } from "../../schemas/names.ts";
import type { RootRecord } from "./agent-state.ts";
import type { AgentTarget, FoundAgent, Machine } from "./target.ts";

/** The word of `--to` for no agent at all. */
const NO_AGENT = "none";

/** An agent that a root is carried into, or that is left. */
export interface ChosenAgent {
  readonly target: AgentTarget;
  readonly found: FoundAgent;
  /** Named now, named before, just found on this machine, or holding something and none of these any more. */
  readonly because: "asked" | "remembered" | "found" | "left";
}

/** Which agents a root goes into, and which of the remembered ones are gone. */
export interface Choice {
  readonly agents: readonly ChosenAgent[];
  /** Names to remember; `undefined` while nobody ever named any. */
  readonly to: readonly string[] | undefined;
  readonly missing: readonly Pick<AgentTarget, "name" | "title">[];
}

/**
 * Chooses by what was asked, else what is remembered, else what is found. Throws `E_AGENT_UNKNOWN` for a name that no
 * target has, `E_AGENT_PROGRAM` when an agent that was asked for is not on this machine.
 */
export function chooseAgents(
  targets: readonly AgentTarget[],
  asked: readonly string[] | undefined,
  record: RootRecord | undefined,
  root: string,
  machine: Machine,
): Choice {
  const names = asked ?? record?.to;
  if (names === undefined) {
    const agents = targets.flatMap((target): readonly ChosenAgent[] => {
      if (!target.byDefault || (root !== "user" && target.projects !== true)) return [];
      const found = target.find(machine);
      return found === undefined ? [] : [{ target, found, because: "found" }];
    });
    return { agents, to: undefined, missing: [] };
  }
  if (asked !== undefined && asked.length > 1 && asked.includes(NO_AGENT)) {
    throw new CodedError("E_USAGE", `\`--to\` cannot name \`${NO_AGENT}\` beside agents`, {
      hint: `\`--to ${NO_AGENT}\` leaves all alone; otherwise leave \`${NO_AGENT}\` out`,
    });
  }
  const agents: ChosenAgent[] = [];
  const missing: Choice["missing"][number][] = [];
  for (const name of new Set(names)) {
    if (name === NO_AGENT) continue;
    const target = targets.find((one) => one.name === name);
    if (target === undefined) {
      if (asked !== undefined) throw unknownAgent(name, targets);
      // The plugin that told of it is off or gone.
      missing.push({ name, title: name });
      continue;
    }
    const found = target.find(machine);
    if (root !== "user" && target.projects !== true && asked !== undefined) throw noProjects(target);
    if (found !== undefined) agents.push({ target, found, because: asked === undefined ? "remembered" : "asked" });
    else if (asked === undefined) missing.push(target);
    else throw notHere(target);
  }
  return { agents, to: [...new Set(names)].sort(), missing };
}

function unknownAgent(name: string, targets: readonly AgentTarget[]): CodedError {
  const names = [...targets.map((target) => target.name), NO_AGENT];
  const guess = nearest(name, names);
  return new CodedError("E_AGENT_UNKNOWN", `\`${name}\` is no agent that is known here`, {
    hint:
      guess === undefined ? `known are ${names.map((one) => `\`${one}\``).join(", ")}` : `did you mean \`${guess}\`?`,
  });
}

function notHere({ name, title }: AgentTarget): CodedError {
  return new CodedError("E_AGENT_PROGRAM", `${title} was not found on this machine`, {
    hint: `install it, or leave \`${name}\` out of \`--to\`; \`plugin agents\` shows what is found`,
  });
}

function noProjects({ name, title, projects }: AgentTarget): CodedError {
  const why = projects === true ? "" : `: ${projects.lost}`;
  return new CodedError("E_AGENT_PROGRAM", `${title} cannot be given plugins of one project${why}`, {
    hint: `leave \`${name}\` out of \`--to\`, or add the plugin for you, without \`--scope\``,
  });
}
