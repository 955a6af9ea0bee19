import { join } from "node:path";
import { openConsentStore } from "../core/trust/consent-store.ts";
import type { AcceptedClosure } from "../plugin-api/service-contracts.ts";
import { digestOf } from "../schemas/tree-digest.ts";
import type { RowGroup } from "./local-rows.ts";
import { median } from "./measure.ts";

const RUNS = 25;
const PLUGINS = 200;
/** How often a person said yes to each plugin so far. */
const UPDATES = 5;

/** What a session start asks about consent: the record is opened, and read for the first of 200 plugins (issue 6, closing note). */
export const consentRows: RowGroup = async (folder) => {
  const file = join(folder, "consent.json");
  const accepted = Array.from({ length: PLUGINS * UPDATES }, (_, at): AcceptedClosure => {
    const [tree, manifest, closure] = ["tree", "manifest", "closure"].map((what) => digestOf(`${what} ${String(at)}`));
    const version = `1.${String(Math.floor(at / PLUGINS))}.0`;
    return { id: `plugin-${String(at % PLUGINS)}@market`, version, closure: closure ?? "", tree, manifest };
  });
  const now = (): Date => new Date(0);
  for (let update = 0; update < UPDATES; update += 1)
    openConsentStore(file, now).record(accepted.slice(update * PLUGINS, (update + 1) * PLUGINS));
  const newest = accepted.slice(-PLUGINS);
  const times: number[] = [];
  for (let run = -1; run < RUNS; run += 1) {
    const started = performance.now();
    const store = openConsentStore(file, now);
    const known = newest.filter(({ id, closure }) => store.has(id, closure)).length;
    if (run >= 0) times.push(performance.now() - started);
    if (known !== PLUGINS) throw new Error(`${String(known)} of ${String(PLUGINS)} consents were found`);
  }
  return [{ name: "consent of 200 plugins, warm", unit: "ms", measured: median(times), bar: 10, rule: "10 ms" }];
};
