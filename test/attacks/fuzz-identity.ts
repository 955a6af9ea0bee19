import { availableParallelism } from "node:os";
import { fuzzHosts, totalsLine } from "./host-fuzz.ts";

/** `npm run fuzz:identity [-- STRINGS [CONTACTS [SEED]]]`: 200,000 strings, and git asks for every repository they name. */
const [strings = 200_000, contacts = Number.POSITIVE_INFINITY, seed = Date.now() % 2 ** 31] = process.argv
  .slice(2)
  .map(Number);
const size = { strings, contacts, seed, workers: availableParallelism() };
// All of them take the better part of an hour.
let told = Date.now();
const onAsked = (asked: number, all: number, disagreements: number): void => {
  if (Date.now() - told < 60_000) return;
  told = Date.now();
  console.log(`${String(asked)} of ${String(all)} repositories asked for, ${String(disagreements)} disagreements`);
};
const totals = await fuzzHosts({ ...size, onAsked });
for (const disagreement of totals.disagreements) console.log(disagreement);
console.log(totalsLine(totals, size));
if (totals.disagreements.length > 0) process.exitCode = 1;
