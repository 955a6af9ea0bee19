import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SAMPLE_KINDS } from "../support/sample-plugin.ts";
import { SIGN_COUNT, type SampleTurn } from "../support/sample-turn.ts";
import { builtinNames } from "../support/test-host.ts";

/** What a host without one built-in says of itself, as `removed-child.ts` prints it. */
interface Removed {
  readonly removed?: string;
  readonly missing: readonly string[];
  readonly unownedPoints: readonly string[];
  readonly unansweredGates: readonly string[];
  readonly unclaimed: readonly string[];
  readonly held: readonly string[];
  readonly failed: readonly string[];
  readonly warnings: readonly string[];
  readonly turn: SampleTurn;
}

/** As `elsewhere-child.ts` and `swapped-child.ts` print it. */
interface Replaced {
  readonly name: string;
  readonly tier?: string;
  readonly state: string;
  readonly others: readonly string[];
  readonly lacking?: readonly string[];
  readonly warnings: readonly string[];
  readonly turn: SampleTurn;
}

/** What the host without a built-in names, what it loses, and what its turn says; everything that is not written is as with it. */
interface Loss {
  readonly boot?: Partial<Removed>;
  readonly reason?: "failed" | "refused";
  readonly lost?: readonly string[];
  /** What a turn must say of it. */
  readonly said?: readonly string[];
  /** What is lost with a stub in its place. */
  readonly stubLost?: readonly string[];
}

const LOSSES: Readonly<Record<string, Loss>> = {
  agents: { boot: { unclaimed: ["agent"] }, lost: ["agent", "agent's prompt"], said: ["there is no tool `Agent`"] },
  // Nothing runs in the background in the sample turn.
  "background-tasks": {},
  "command-hooks": { boot: { unclaimed: ["hook"] }, lost: ["hook"] },
  commands: { boot: { unclaimed: ["command"] }, lost: ["command"] },
  "file-tools": { lost: ["read"], said: ["there is no tool `Read`"] },
  instructions: { lost: ["instructions"] },
  "lsp-bridge": { boot: { unclaimed: ["lsp"] }, lost: ["language servers"], said: ["there is no tool `LSP`"] },
  "mcp-bridge": {
    boot: { unclaimed: ["mcp"] },
    lost: ["MCP tool"],
    said: ["there is no tool `mcp__plugin_sample_echoes__echo`"],
  },
  "model-anthropic": {},
  "model-scripted": { reason: "failed", said: ["no provider knows the model `scripted:"], stubLost: [] },
  // Nobody is there in the sample turn, so monitors do not run in it.
  monitors: {},
  "output-styles": { boot: { unclaimed: ["output-style"] }, lost: ["output style"] },
  permissions: {
    boot: { unansweredGates: ["plugsmith/tool-permission"] },
    lost: ["read", "shell", "hook", "skill", "agent", "language servers", "MCP tool"],
    said: ["denied: nobody answers `plugsmith/tool-permission`"],
    stubLost: ["hook"],
  },
  "prompt-text": {
    boot: {
      missing: ["plugsmith/prompt-texts"],
      unclaimed: ["agent", "command", "output-style", "skill"],
      held: ["agents@builtin", "commands@builtin", "output-styles@builtin", "skills@builtin"],
    },
    lost: ["command", "listing", "output style", "skill", "agent", "agent's prompt"],
    said: ["there is no tool `Skill`", "there is no tool `Agent`"],
    // Its texts come as they stand, with arguments and placeholders unfilled.
    stubLost: ["command", "skill"],
  },
  "shell-tool": {
    boot: { unclaimed: ["bin"] },
    lost: ["shell", "hook"],
    said: ["there is no tool `Bash`"],
    stubLost: ["shell"],
  },
  skills: { boot: { unclaimed: ["skill"] }, lost: ["listing", "skill"], said: ["there is no tool `Skill`"] },
  transcript: {
    boot: { missing: ["plugsmith/sessions"], unclaimed: ["agent"], held: ["agents@builtin"] },
    reason: "refused",
    said: ["no enabled plugin provides `plugsmith/sessions`"],
    stubLost: [],
  },
  "turn-loop": {
    boot: {
      missing: ["plugsmith/turns"],
      unownedPoints: ["plugsmith/model", "plugsmith/tool"],
      unclaimed: ["agent"],
      held: ["agents@builtin"],
    },
    reason: "refused",
    said: ["no enabled plugin provides `plugsmith/turns`"],
    // Its loop asks nobody but the model and the gate of tools.
    stubLost: ["command", "listing", "instructions", "output style", "agent's prompt", "MCP tool"],
  },
};

const NOTHING = {
  missing: [],
  unownedPoints: [],
  unansweredGates: [],
  unclaimed: [],
  held: [],
  failed: [],
  warnings: [],
};
const WHOLE: SampleTurn = { reason: "done", lost: [], said: [] };
const names = builtinNames();

/** The lines that a child of this test prints, which are of the shape that it says. */
async function linesOf<Line>(child: string): Promise<readonly Line[]> {
  const file = fileURLToPath(new URL(`doors/${child}-child.ts`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=plugsmith-source", file]);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

describe("the built-in plugins have no private door", () => {
  const removed = new Map<string | undefined, Removed>();
  const elsewhere = new Map<string, Replaced>();
  const swapped = new Map<string, Replaced>();
  let isHostsCopy: unknown;

  beforeAll(async () => {
    for (const line of await linesOf<Removed>("removed")) removed.set(line.removed, line);
    for (const line of await linesOf<Replaced>("swapped")) swapped.set(line.name, line);
    const [probe, ...lines] = await linesOf<Replaced>("elsewhere");
    ({ isHostsCopy } = { isHostsCopy: undefined, ...probe });
    for (const line of lines) elsewhere.set(line.name, line);
  }, 180_000);

  afterAll(() => {
    console.log(table(removed, elsewhere, swapped));
  });

  it("and are all looked at", () => {
    expect(names.length).toBeGreaterThan(10);
    expect(Object.keys(LOSSES)).toEqual([...names].sort());
    expect([removed.size, elsewhere.size, swapped.size]).toEqual([names.length + 1, names.length, names.length]);
  });

  it("and each kind of component is taken by one of them", () => {
    const own = names.filter((name) => LOSSES[name]?.boot?.missing === undefined);
    expect(own.flatMap((name) => LOSSES[name]?.boot?.unclaimed ?? []).sort()).toEqual(SAMPLE_KINDS);
  });

  it("and are whole together: every part of a turn that uses everything is there", () => {
    expect(SIGN_COUNT).toBeGreaterThan(10);
    expect(removed.get(undefined)).toEqual({ ...NOTHING, turn: WHOLE });
  });

  it("and what is loaded from elsewhere imports the host's own copy of the public interface", () => {
    expect(isHostsCopy).toBe(true);
  });

  it.each(names)("%s works as a download that knows nothing of this checkout", (name) => {
    expect(elsewhere.get(name)).toEqual({
      name,
      tier: "installed",
      state: "activated",
      others: [],
      warnings: [],
      turn: WHOLE,
    });
  });

  it.each(names)("%s can be removed: the host boots, names what is missing, and nothing else fails", (name) => {
    const { boot, reason, lost = [], said = [] } = LOSSES[name] ?? {};
    const { removed: _name, turn, ...found } = removed.get(name) ?? { turn: undefined };
    expect(found).toEqual({ ...NOTHING, ...boot });
    expect([turn?.reason, turn?.lost]).toEqual([reason ?? "done", reason === undefined ? lost : []]);
    expect(turn?.said).toEqual(said.map((text) => expect.stringContaining(text)));
  });

  it.each(names)("%s can be swapped for a stub that announces the same, and a turn runs", (name) => {
    const { lost = [], stubLost = lost } = LOSSES[name] ?? {};
    const { turn, ...found } = swapped.get(name) ?? { turn: undefined };
    expect(found).toEqual({ name, state: "activated", others: [], lacking: [], warnings: [] });
    expect([turn?.reason, turn?.lost]).toEqual(["done", stubLost]);
  });
});

function table(
  removed: ReadonlyMap<string | undefined, Removed>,
  elsewhere: ReadonlyMap<string, Replaced>,
  swapped: ReadonlyMap<string, Replaced>,
): string {
  const rows = names.map((name) => {
    const without = removed.get(name);
    const named = [
      ...(without?.missing ?? []).map((key) => `service ${key}`),
      ...(without?.unownedPoints ?? []).map((key) => `point ${key}`),
      ...(without?.unansweredGates ?? []).map((key) => `gate ${key}`),
      ...(without?.unclaimed ?? []).map((kind) => `kind ${kind}`),
    ];
    const turn = without?.turn.said.join(", ").replaceAll(/\/\S*\/script\.mjs/gu, "…") ?? "";
    const lost = without?.turn.lost.join(", ") ?? "";
    return [
      name,
      elsewhere.get(name)?.state ?? "",
      named.join(", ") || "-",
      turn || (lost === "" ? "works" : `works without: ${lost}`),
      `${swapped.get(name)?.state ?? ""}, turn ${swapped.get(name)?.turn.reason ?? ""}`,
    ];
  });
  const lines = [["built-in", "from elsewhere", "removed: the host names", "removed: a turn", "swapped"], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
