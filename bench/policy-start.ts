/** Prints how many milliseconds a policy file takes in a process that has just started: read, and asked for 100 installed plugins. */
import { readFileSync } from "node:fs";
import { canonicalSource } from "../schemas/identity.ts";
import { makeDecide } from "../schemas/policy-decision.ts";
import { readPolicyDocument } from "../schemas/policy.ts";

const [file = ""] = process.argv.slice(2);
const text = readFileSync(file, "utf8");
const market = canonicalSource({ kind: "github", repo: "acme/market-1" });

const started = performance.now();
const document = readPolicyDocument(text, { file });
const decide = makeDecide([document]);
let allowed = 0;
for (let at = 0; at < 100; at += 1) {
  const id = `p${String(at * 7)}@house`;
  if (decide({ kind: "plugin", id, version: "1.2.3", market }, "load").allowed) allowed += 1;
}
const elapsedMs = performance.now() - started;
if (document.diagnostics.length > 0 || allowed !== 50)
  throw new Error(`the policy was not understood: ${String(allowed)}, ${document.diagnostics[0]?.message ?? ""}`);
console.log(elapsedMs);
