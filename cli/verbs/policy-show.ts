import type { Ceilings } from "../../schemas/policy-capabilities.ts";
import type { PolicyDocument, RulePlace } from "../../schemas/policy.ts";
import { ruleText } from "../policy/rule-text.ts";
import { secretRules } from "../policy/secret-rules.ts";
import { EXIT } from "../exit-code.ts";
import { askedPolicy, POLICY_FLAG } from "../policy/policy-documents.ts";
import { diagnosticLines } from "../print/diagnostic-lines.ts";
import { bold, columns, dim } from "../print/style.ts";
import type { Verb } from "../verb.ts";

/** `plugin policy show`. */
export const verb: Verb = {
  name: "policy show",
  summary: "what the managed policy of this machine says",
  positionals: [],
  flags: [POLICY_FLAG],
  about: [
    "Lists every managed file with the keys that count, their lines, and what in them is not valid; of several files the strictest counts.",
    "Exit code 1 when something is not valid: its key is closed then.",
  ],
  examples: ["plugin policy show", "plugin policy show --policy managed.json"],
  run: async (context, args) => {
    const { documents } = await askedPolicy(context, args);
    const files = documents.map((document) => ({ file: document.file, keys: keysOf(document) }));
    const diagnostics = documents.flatMap((document) => document.diagnostics);
    return {
      exit: diagnostics.length === 0 ? EXIT.ok : EXIT.failed,
      data: { files, diagnostics },
      text: () =>
        files.length === 0
          ? ["no managed policy: everything is allowed here"]
          : [
              ...files.flatMap(({ file, keys }) => [
                bold(file),
                ...columns(
                  keys.map(({ key, says, line }) => [key, says, line === undefined ? "" : dim(`line ${String(line)}`)]),
                  "  ",
                ),
              ]),
              ...diagnostics.flatMap((one) => diagnosticLines(one)),
            ],
    };
  },
};

interface ShownKey {
  readonly key: string;
  readonly says: string;
  readonly line?: number | undefined;
}

function sectionOf({ key }: RulePlace): string {
  return key.split(".", 1)[0] ?? key;
}

/** The keys of a document that decide something, and in a word what. */
function keysOf(document: PolicyDocument): readonly ShownKey[] {
  const { plugins, flags, minimumReleaseAge, sourceRewrites, extraKnownMarketplaces } = document;
  const { allow, block, allowSources, blockSources } = document;
  const lists = [...allow, ...block, ...allowSources, ...blockSources].map(({ place, closed, rules }) => ({
    key: place.key,
    says: closed ? "closed" : counted(rules.length, "rule"),
    line: place.line,
  }));
  const named = Object.keys(extraKnownMarketplaces);
  return [
    ...lists,
    ...(plugins.closed === undefined
      ? []
      : [{ key: sectionOf(plugins.closed), says: "closed", line: plugins.closed.line }]),
    ...[...plugins.forced].flatMap(([id, place]) =>
      sectionOf(place) === "plugins" ? [] : [{ key: sectionOf(place), says: `${id} stays on`, line: place.line }],
    ),
    ...[...plugins.rules.values()].map((rule) => ({
      key: "plugins",
      says: `${rule.key} ${ruleText(rule)}`,
      line: rule.place.line,
    })),
    ...ceilingKeys(document.ceilings),
    ...[...plugins.blocked].map(([id, { place, reason }]) => ({
      key: sectionOf(place),
      says: reason === undefined ? `${id} is blocked` : `${id} was withdrawn: ${reason}`,
      line: place.line,
    })),
    ...Object.entries(flags).map(([key, { value, place }]) => ({
      key,
      says: value ? "on" : "off",
      line: place.line,
    })),
    ...(document.pluginSources === "trustCatalog" ? [{ key: "pluginSources", says: "trustCatalog" }] : []),
    ...(minimumReleaseAge === undefined
      ? []
      : [
          {
            key: "minimumReleaseAge",
            says: Number.isFinite(minimumReleaseAge.ms) ? `${String(minimumReleaseAge.ms / 3_600_000)} h` : "closed",
            line: minimumReleaseAge.place.line,
          },
        ]),
    ...(sourceRewrites?.closed === undefined
      ? []
      : [{ key: "sourceRewrites", says: "closed", line: sourceRewrites.closed.line }]),
    ...(sourceRewrites?.rules ?? []).map(({ from, to, place }) => ({
      key: "sourceRewrites",
      says: `${from} -> ${to}`,
      line: place.line,
    })),
    ...secretRules(document.secrets).map(({ says, place: { key, line } }) => ({ key, says, line })),
    ...(named.length === 0 ? [] : [{ key: "extraKnownMarketplaces", says: named.join(", ") }]),
  ];
}

/** One row for each capability, or one for all of them where the key could not be read. */
function ceilingKeys(ceilings: Ceilings): readonly ShownKey[] {
  return [...Map.groupBy(ceilings, ([, { place }]) => place).entries()].map(([{ line }, group]) => {
    const [[word, { closed, admitted }] = ["", { closed: true, admitted: new Set<string>() }]] = group;
    const who = closed ? "closed" : admitted.size === 0 ? "no plugin" : [...admitted].join(", ");
    return { key: "capabilityCeilings", says: group.length > 1 ? who : `${word}: ${who}`, line };
  });
}

function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? "" : "s"}`;
}
