import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { plainPlugins, writeMarketplace } from "./fixtures.ts";
import { overBare, type RowGroup } from "./local-rows.ts";
import { homeWith } from "./program.ts";

/** `plugsmith boot` with 100 and 1,000 enabled plugins, none activated. */
export const bootRows: RowGroup = async (work) => {
  const market = writeMarketplace(join(work, "thousand"), "thousand", plainPlugins(1000));
  const rows = [];
  for (const { count, overMs } of [
    { count: 100, overMs: 50 },
    { count: 1000, overMs: 120 },
  ]) {
    const ids = plainPlugins(count).map(({ name }) => `${name}@thousand`);
    const home = await homeWith(join(work, `home-${String(count)}`), market, ids);
    const project = join(work, "project");
    mkdirSync(project, { recursive: true });
    const name = `boot, ${count.toLocaleString("en")} plugins`;
    rows.push(await overBare({ name, invocation: () => home.plugsmith(["boot", "--json"], project) }, overMs));
  }
  return rows;
};
