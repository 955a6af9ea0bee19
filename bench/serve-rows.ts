import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { plainPlugins, writeMarketplace } from "./fixtures.ts";
import { overBare, type RowGroup } from "./local-rows.ts";
import { homeWith } from "./program.ts";

/** What every client sends first; the answer says that the server is ready. */
const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "bench", version: "1.0.0" } },
};

/** `plugin serve` with 100 enabled plugins, none activated: from its start to its first answer. */
export const serveRows: RowGroup = async (work) => {
  const market = writeMarketplace(join(work, "hundred"), "hundred", plainPlugins(100));
  const ids = plainPlugins(100).map(({ name }) => `${name}@hundred`);
  const home = await homeWith(join(work, "home"), market, ids);
  const project = join(work, "project");
  mkdirSync(project, { recursive: true });
  const request = `${JSON.stringify(INITIALIZE)}\n`;
  const invocation = () => ({ ...home.plugin(["serve"], project), request });
  return [await overBare({ name: "serve ready, 100 plugins", invocation }, 80)];
};
