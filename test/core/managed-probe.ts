/** A process of the tests about managed files: prints the files it finds in the managed places, or what their policy answers. */
import { readManagedFiles } from "../../core/platform/managed-files.ts";
import { loadPolicy } from "../../core/settings/policy-documents.ts";
import type { PolicySubject } from "../../schemas/policy.ts";

/** A subject of each kind that the policy of `policy-documents.test.ts` is asked about. */
const SUBJECTS: Readonly<Record<string, PolicySubject>> = {
  allowed: market("acme/market"),
  other: market("evil/market"),
  plugin: plugin("fmt@acme"),
  blocked: plugin("bad@acme"),
};

function market(repo: string): Extract<PolicySubject, { kind: "marketplace" }> {
  return { kind: "marketplace", source: { kind: "github", repo }, identity: `github.com/${repo}` };
}

function plugin(id: string): PolicySubject {
  const { source, identity } = market("acme/market");
  return { kind: "plugin", id, market: { source, identity } };
}

async function policyAnswers(): Promise<unknown> {
  const { documents, decide } = await loadPolicy();
  const answers = Object.entries(SUBJECTS).map(([name, subject]) => {
    const decision = decide(subject, "install");
    return [name, decision.allowed ? "allowed" : decision.rule.file];
  });
  const diagnostics = documents.flatMap((document) => document.diagnostics);
  return { answers: Object.fromEntries(answers), messages: diagnostics.map(({ message }) => message) };
}

console.log(JSON.stringify(process.argv[2] === "policy" ? await policyAnswers() : readManagedFiles()));
