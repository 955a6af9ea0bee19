import { join } from "node:path";
import { plainPlugins, writeMarketplace } from "./fixtures.ts";
import { overBare, type RowGroup } from "./local-rows.ts";
import { homeWith } from "./program.ts";

/** `validate`, with all advice, over a marketplace of 1,000 plugins. */
export const authorRows: RowGroup = async (work) => {
  const market = writeMarketplace(join(work, "thousand"), "thousand", plainPlugins(1000));
  const home = await homeWith(join(work, "home-author"), writeMarketplace(join(work, "one"), "one", plainPlugins(1)));
  return [
    await overBare({ name: "validate, 1,000 plugins", invocation: () => home.plugin(["validate", market]) }, 1_000),
  ];
};
