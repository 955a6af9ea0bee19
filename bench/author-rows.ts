import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createHost } from "../cli/session/create-host.ts";
import { plainPlugins, writeMarketplace } from "./fixtures.ts";
import type { Row } from "./bar.ts";
import { overBare, type RowGroup } from "./local-rows.ts";
import { median } from "./measure.ts";
import { homeWith } from "./program.ts";

/** `validate`, with all advice, over a marketplace of 1,000 plugins; a saved file in a session that runs. */
export const authorRows: RowGroup = async (work) => {
  const market = writeMarketplace(join(work, "thousand"), "thousand", plainPlugins(1000));
  const home = await homeWith(join(work, "home-author"), writeMarketplace(join(work, "one"), "one", plainPlugins(1)));
  return [
    await overBare({ name: "validate, 1,000 plugins", invocation: () => home.plugin(["validate", market]) }, 1_000),
    await reloadRow(join(work, "reload")),
  ];
};

const ROUNDS = 15;

/** From a skill that is written or removed until the session that was given the folder has it or has it no more. */
async function reloadRow(work: string): Promise<Row> {
  const plugin = join(work, "plugin");
  const skill = (name: string): void => {
    mkdirSync(join(plugin, "skills", name), { recursive: true });
    writeFileSync(join(plugin, "skills", name, "SKILL.md"), `---\nname: ${name}\ndescription: ${name}\n---\nDo it.\n`);
  };
  skill("first");
  const environment = { HOME: work, PATH: process.env["PATH"], PLUGSMITH_HOME: join(work, "home") };
  const host = await createHost({ directory: work, environment, pluginDirectories: [plugin], trustWorkspace: true });
  const skills = (): number => host.tree().plugins.find(({ tier }) => tier === "session")?.provides["skill"] ?? 0;
  const times: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const wanted = round % 2 === 0 ? 2 : 1;
      const started = performance.now();
      if (wanted === 2) skill("second");
      else rmSync(join(plugin, "skills/second"), { recursive: true });
      while (skills() !== wanted) await sleep(1);
      times.push(performance.now() - started);
    }
  } finally {
    await host.close();
  }
  return { name: "reload after a save", unit: "ms", measured: median(times), bar: 300, rule: "300 ms" };
}
