import { expect, it } from "vitest";
import { fuzzHosts, totalsLine } from "./host-fuzz.ts";

it("PB03, PB07: the host, port, login and path that policy judges are those that git asks, or the source is refused", async () => {
  // `npm run fuzz:identity` lets git ask for all of them.
  const size = { strings: 20_000, contacts: 100, seed: 20_261_130, workers: 2 };
  const totals = await fuzzHosts(size);
  console.log(totalsLine(totals, size));
  expect(totals.disagreements).toEqual([]);
  expect(totals).toMatchObject({ strings: size.strings, contacted: size.contacts });
  expect(totals.accepted).toBeGreaterThan(4_000);
  expect(totals.refused).toBeGreaterThan(10_000);
}, 120_000);
