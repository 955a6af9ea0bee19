import { type PolicyCase, readPolicyCases } from "../../schemas/policy-cases.ts";
import type { Decide } from "../../schemas/policy.ts";
import { EXIT } from "../exit-code.ts";
import { absolutePath, kindAt } from "../path.ts";
import { askedPolicy, POLICY_FLAG, textOf } from "../policy/policy-documents.ts";
import { dim, green, red } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin policy test`. */
export const verb: Verb = {
  name: "policy test",
  summary: "hold a policy against what you expect of it",
  positionals: [{ name: "file", required: true }],
  flags: [POLICY_FLAG],
  about: [
    "The file is JSON with a list `cases`; each names a `marketplace`, `plugin`, `hook` or `flag`, what to `expect` (`allowed` or `denied`), and if you like an `action`, the `rule` that denies it, a `version`, and where the plugin comes from (`marketplace`, `source`).",
    "Exit code 1 when an expectation does not hold, so that a change of the policy can be checked before machines get it.",
  ],
  examples: ["plugin policy test expectations.json", "plugin policy test expectations.json --policy managed.json"],
  run: async (context, args) => {
    const { cwd } = context;
    const file = absolutePath(args.positionals[0] ?? "", cwd);
    const cases = readPolicyCases(textOf(file), {
      file,
      probe: (path) => kindAt(path, cwd),
      absolute: (path) => absolutePath(path, cwd),
    });
    const { decide, documents } = await askedPolicy(context, args);
    const results = cases.map((one) => resultOf(one, decide));
    const failed = results.filter(({ ok }) => !ok).length;
    return {
      exit: failed === 0 ? EXIT.ok : EXIT.failed,
      data: { file, policies: documents.map((document) => document.file), results },
      text: () => [
        ...results.map(({ ok, name, got, line }) =>
          ok ? `${green("ok")}     ${name}` : `${red("not ok")} ${name}: ${got} ${dim(`(line ${String(line)})`)}`,
        ),
        `${String(results.length - failed)} of ${String(results.length)} expectations hold`,
      ],
    };
  },
};

interface CaseResult {
  readonly name: string;
  readonly ok: boolean;
  /** What policy says, in words. */
  readonly got: string;
  readonly line: number;
}

function resultOf({ name, subject, action, expect, rule, line }: PolicyCase, decide: Decide): CaseResult {
  const decision = decide(subject, action);
  if (decision.allowed) return { name, ok: expect === "allowed", got: "it is allowed", line };
  const { key } = decision.rule;
  const isRule = rule === undefined || key === rule || key.startsWith(`${rule}.`);
  return { name, ok: expect === "denied" && isRule, got: `it is denied by \`${key}\`, ${decision.reason}`, line };
}
