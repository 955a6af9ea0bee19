import { ageText } from "../../schemas/policy-age-text.ts";
import { minimumAgeOf } from "../../schemas/policy-age.ts";
import { pluginRule } from "../../schemas/policy-plugins.ts";
import type { PolicyDecision, PolicyDocument } from "../../schemas/policy.ts";
import { EXIT } from "../exit-code.ts";
import { askedPolicy, POLICY_FLAG } from "../policy/policy-documents.ts";
import { questionsAbout } from "../policy/question.ts";
import { ruleText } from "../policy/rule-text.ts";
import { secretRules } from "../policy/secret-rules.ts";
import { placeText } from "../print/diagnostic-lines.ts";
import { bold, dim, green, red } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin policy explain`. */
export const verb: Verb = {
  name: "policy explain",
  summary: "what policy says of a plugin, marketplace or flag, and which rule",
  positionals: [{ name: "what", required: true, variadic: true }],
  flags: [POLICY_FLAG],
  about: [
    "A plugin is `name@marketplace` with `@version` if it matters, a flag is written after `--`, and a marketplace as for `plugin marketplace add`. Nothing is fetched: where a plugin's own files come from is judged when they are.",
  ],
  examples: [
    "plugin policy explain acme/plugins",
    "plugin policy explain tool@acme https://git.example/team/market.git --policy managed.json",
  ],
  run: async (context, args) => {
    const { decide, documents } = await askedPolicy(context, args);
    const { catalogs } = await context.engine();
    const rules: AboutPlugin[] = [];
    const answers = args.positionals
      .flatMap((text) => questionsAbout(text, context.cwd, { catalogs, documents }))
      .flatMap(({ label, subject, actions, plugin }) => {
        if (plugin !== undefined) rules.push(...rulesAbout(plugin, documents));
        return actions.map((action) => ({ about: label, action, ...answered(decide(subject, action)) }));
      });
    return {
      exit: EXIT.ok,
      data: { answers, rules },
      text: () =>
        [...Map.groupBy(answers, ({ about }) => about)].flatMap(([about, group]) => [
          bold(about),
          ...rules.filter((rule) => rule.about === about).map(ruleLine),
          ...[...Map.groupBy(group, (answer) => JSON.stringify({ ...answer, action: "" })).values()].flatMap(
            answerLines,
          ),
        ]),
    };
  },
};

interface Answer {
  readonly allowed: boolean;
  readonly forced?: true | undefined;
  readonly reason?: string | undefined;
  readonly rule?: { readonly key: string; readonly file: string; readonly line?: number | undefined } | undefined;
}

/** A rule of one file about a plugin, beside yes and no. */
interface AboutPlugin {
  readonly about: string;
  readonly says: string;
  readonly key: string;
  readonly file: string;
  readonly line?: number | undefined;
}

/** What `plugins` says of it, how old its releases in registries have to be, and where its secrets may lie. */
function rulesAbout(id: string, documents: readonly PolicyDocument[]): readonly AboutPlugin[] {
  const own = documents.flatMap(({ plugins }) => {
    const rule = pluginRule(plugins, id);
    return rule === undefined ? [] : [{ about: id, says: ruleText(rule), ...rule.place }];
  });
  const secrets = documents
    .flatMap((document) => secretRules(document.secrets))
    .map(({ says, place }) => ({ about: id, says: `its secrets: ${says}`, ...place }));
  const age = minimumAgeOf(documents, id);
  if (age === undefined) return [...own, ...secrets];
  const says = Number.isFinite(age.ms)
    ? `releases of registries from ${ageText(age.ms)} on`
    : "no release of a registry";
  return [...own, { about: id, says, ...age.cause.where }, ...secrets];
}

function ruleLine({ says, key, ...place }: AboutPlugin): string {
  return `  ${says} ${dim(`(${key} at ${placeText(place) ?? ""})`)}`;
}

function answered(decision: PolicyDecision): Answer {
  if (!decision.allowed) return { allowed: false, reason: decision.reason, rule: decision.rule };
  return { allowed: true, ...(decision.forced === true ? { forced: true } : {}) };
}

function answerLines(group: readonly (Answer & { readonly action: string })[]): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const actions = group.map(({ action }) => action).join(", ");
  if (first.allowed) return [`  ${actions}: ${green("allowed")}${first.forced === true ? ", and it stays on" : ""}`];
  const { rule, reason = "" } = first;
  return [
    `  ${actions}: ${red("denied")}, ${reason}`,
    ...(rule === undefined ? [] : [dim(`    ${rule.key} at ${placeText(rule) ?? ""}`)]),
  ];
}
