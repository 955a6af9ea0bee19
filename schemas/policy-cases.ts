import { canonicalSource, parseMarketplaceArgument } from "./identity.ts";
import { readJson } from "./json-text.ts";
import type { LockedSource } from "./lockfile.ts";
import { parseMarketplaceSource } from "./marketplace-source.ts";
import { parsePluginId } from "./names.ts";
import { ObjectReader, type OwnFile } from "./object-reader.ts";
import { parsePluginSource } from "./plugin-source.ts";
import { CAPABILITIES } from "./policy-capabilities.ts";
import type { PolicyAction, PolicySubject } from "./policy.ts";
import type { MarketplaceSource } from "./source-spec.ts";
import { specAsLocked } from "./spec-as-locked.ts";

/** What an administrator expects of a policy. */
export interface PolicyCase {
  readonly name: string;
  readonly subject: PolicySubject;
  readonly action: PolicyAction;
  readonly expect: "allowed" | "denied";
  /** Key of the rule that has to deny it, or the beginning of that, e.g. `blockedMarketplaces`. */
  readonly rule?: string | undefined;
  /** Counts from 1. */
  readonly line: number;
}

/** How local paths are found. */
export interface PolicyCasesPlace {
  readonly file: string;
  /** What lies at a path as it is typed, and that path from the root. */
  readonly probe: (path: string) => "directory" | "file" | undefined;
  readonly absolute: (path: string) => string;
}

/** What can be asked about each thing, the usual first. */
export const POLICY_QUESTIONS: Readonly<Record<"marketplace" | "plugin" | "hook" | "flag", readonly PolicyAction[]>> = {
  marketplace: ["add", "refresh"],
  plugin: ["install", "enable", "disable", "load"],
  hook: ["install", "load"],
  flag: ["use"],
};

type Asked = keyof typeof POLICY_QUESTIONS;

const KEYS: readonly Asked[] = ["marketplace", "plugin", "hook", "flag"];
const HINT =
  '`docs/guides/administrator.md` shows one: `{"cases": [{"marketplace": "acme/plugins", "expect": "allowed"}]}`';

/** Reads expectations. Throws `E_JSON` and `E_SCHEMA` with their position. */
export function readPolicyCases(text: string, place: PolicyCasesPlace): readonly PolicyCase[] {
  const json = readJson(text, { file: place.file, dangerousKeys: "refuse" });
  const own: OwnFile = { json, file: place.file, code: "E_SCHEMA", hint: HINT };
  const root = new ObjectReader(own, json.value);
  const cases = root.raw("cases");
  if (!Array.isArray(cases)) throw root.fail("cases", "must be a list");
  return cases.map((item, index) => {
    const { line } = json.locate(["cases", index]);
    return readCase(new ObjectReader(own, item, ["cases", index]), place, line);
  });
}

function readCase(item: ObjectReader, place: PolicyCasesPlace, line: number): PolicyCase {
  const unknown = item.keys.find((key) => !MEMBERS.includes(key));
  if (unknown !== undefined) throw item.fail(unknown, "means nothing here");
  const about = KEYS.filter((key) => item.raw(key) !== undefined && !(key === "marketplace" && hasPlugin(item)));
  const [kind] = about;
  if (kind === undefined || about.length > 1)
    throw item.fail("expect", `belongs to a case with one of ${KEYS.map((key) => `\`${key}\``).join(", ")}`);
  const expect = item.text("expect");
  if (expect !== "allowed" && expect !== "denied") throw item.fail("expect", "must be `allowed` or `denied`");
  const actions = POLICY_QUESTIONS[kind];
  const wanted = item.optionalText("action") ?? actions[0];
  const action = actions.find((one) => one === wanted);
  if (action === undefined)
    throw item.fail("action", `must be one of ${actions.map((one) => `\`${one}\``).join(", ")}`);
  const subject = subjectOf(kind, item, place);
  const name = item.optionalText("name") ?? `${action} ${labelOf(subject)}`;
  return { name, subject, action, expect, rule: item.optionalText("rule"), line };
}

const MEMBERS: readonly string[] = [
  ...KEYS,
  "name",
  "expect",
  "rule",
  "action",
  "version",
  "range",
  "digest",
  "capability",
  "source",
];

function hasPlugin(item: ObjectReader): boolean {
  return item.raw("plugin") !== undefined || item.raw("hook") !== undefined;
}

function subjectOf(kind: Asked, item: ObjectReader, place: PolicyCasesPlace): PolicySubject {
  if (kind === "flag") return { kind: "flag", name: item.text("flag") };
  if (kind === "marketplace") return { kind: "marketplace", ...marketOf(item, place) };
  const id = item.text(kind);
  if (parsePluginId(id) === undefined) throw item.fail(kind, "must be `name@marketplace`");
  if (kind === "hook") return { kind: "contribution", id, contribution: { kind: "hook", name: "any" } };
  const capability = item.optionalText("capability");
  if (capability !== undefined) {
    if (!CAPABILITIES.some((one) => one === capability))
      throw item.fail("capability", `must be one of ${CAPABILITIES.map((one) => `\`${one}\``).join(", ")}`);
    return { kind: "capability", id, capability };
  }
  const market = item.raw("marketplace") === undefined ? undefined : marketOf(item, place);
  const source = item.raw("source") === undefined ? undefined : sourceOf(item, place);
  const [version, range, tree] = ["version", "range", "digest"].map((key) => item.optionalText(key));
  return { kind: "plugin", id, version, market, source, range, tree };
}

function marketOf(item: ObjectReader, place: PolicyCasesPlace): ReturnType<typeof canonicalSource> {
  const raw = item.raw("marketplace");
  return item.checked("marketplace", () => {
    const source = typeof raw === "string" ? parseMarketplaceArgument(raw, place.probe) : parseMarketplaceSource(raw);
    return canonicalSource(isLocal(source) ? { ...source, path: place.absolute(source.path) } : source);
  });
}

function isLocal(
  source: MarketplaceSource,
): source is Extract<MarketplaceSource, { readonly path: string; readonly kind: "directory" | "file" }> {
  return source.kind === "directory" || source.kind === "file";
}

/** Where a plugin's files come from, written as in a catalog; which release of it is no matter to policy. */
function sourceOf(item: ObjectReader, place: PolicyCasesPlace): LockedSource {
  const { spec, diagnostics } = parsePluginSource(item.raw("source"), { pluginRoot: "", file: place.file });
  if (spec === undefined) throw item.fail("source", `is not usable: ${diagnostics[0]?.message ?? ""}`);
  const locked = specAsLocked(spec);
  if (locked === undefined) throw item.fail("source", "must be one of git, npm, archive, directory and command");
  return locked;
}

/** What a subject is called. */
export function labelOf(subject: PolicySubject): string {
  switch (subject.kind) {
    case "marketplace":
      return subject.identity;
    case "plugin":
      return subject.id;
    case "contribution":
      return `${subject.contribution.kind} of ${subject.id}`;
    case "capability":
      return `${subject.capability} of ${subject.id}`;
    case "process":
      return `${subject.command} of ${subject.id}`;
    case "flag":
      return `--${subject.name}`;
  }
}
