import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDirectoryTree } from "../core/platform/disk-file-tree.ts";
import { NOTHING } from "../marketplace/agents/agent-state.ts";
import { carry } from "../marketplace/agents/carry.ts";
import { claude } from "../marketplace/agents/claude.ts";
import { codex } from "../marketplace/agents/codex.ts";
import { placeOf } from "../marketplace/agents/place.ts";
import type { AgentPlugin, AgentTarget, Machine } from "../marketplace/agents/target.ts";
import { homeAt } from "../marketplace/home.ts";
import { readPlugin } from "../schemas/formats/index.ts";
import { plainPlugins, writeMarketplace } from "./fixtures.ts";
import type { RowGroup } from "./local-rows.ts";
import { median } from "./measure.ts";

const COUNT = 100;
const ROUNDS = 15;
const signal = new AbortController().signal;

/** An agent without its program, whose own time is reported by `npm run interop`. */
function withoutDoor(target: AgentTarget): AgentTarget {
  return { ...target, door: undefined };
}

/** What writing a locked set into two agents costs: files, configuration and what is remembered. */
export const agentRows: RowGroup = async (folder) => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const name of ["claude", "codex"]) {
    writeFileSync(join(bin, name), "#!/bin/false\n");
    chmodSync(join(bin, name), 0o755);
  }
  const market = writeMarketplace(join(folder, "market"), "bench", plainPlugins(COUNT));
  const plugins = plainPlugins(COUNT).map(({ name, version }): AgentPlugin => {
    const tree = join(market, "plugins", name);
    const { manifest } = readPlugin(openDirectoryTree(tree));
    if (manifest === undefined) throw new Error(`${name} cannot be read`);
    const { contributions } = manifest;
    const id = `${name}@bench`;
    return { id, name, version, enabled: true, tree, key: id, manifest, contributions, whole: true, data: folder };
  });
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const machine: Machine = { environment: { PATH: bin }, homeDirectory: join(folder, `home-${String(round)}`) };
    const home = homeAt(join(machine.homeDirectory, ".plugsmith"));
    const started = performance.now();
    for (const target of [claude, codex].map(withoutDoor)) {
      const found = target.find(machine);
      if (found === undefined) throw new Error(`${target.title} was not found`);
      const place = placeOf(home, "user", target, found, machine);
      const outcome = await carry(plugins, NOTHING, { target, place, signal, remember: () => undefined });
      if (outcome.plugins !== COUNT) throw new Error(`${target.title} holds ${String(outcome.plugins)} plugins`);
    }
    if (round > 0) times.push(performance.now() - started);
  }
  return [{ name: "100 plugins into two agents", rule: "300 ms", measured: median(times), bar: 300, unit: "ms" }];
};
