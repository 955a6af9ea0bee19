import type { Catalogs } from "../../marketplace/catalog/catalogs.ts";
import { canonicalSource, type CanonicalSource } from "../../schemas/identity.ts";
import { parsePluginId } from "../../schemas/names.ts";
import { CAPABILITIES } from "../../schemas/policy-capabilities.ts";
import { labelOf, POLICY_QUESTIONS } from "../../schemas/policy-cases.ts";
import type { PolicyAction, PolicyDocument, PolicySubject } from "../../schemas/policy.ts";
import { marketplaceArgument } from "../marketplace-argument.ts";

/** What policy is to be asked about something that a person named. */
export interface PolicyQuestion {
  readonly label: string;
  readonly subject: PolicySubject;
  readonly actions: readonly PolicyAction[];
  /** The plugin that was named, in the question that is about it as a whole. */
  readonly plugin?: string | undefined;
}

/** What marketplace names mean here. */
export interface KnownNames {
  readonly catalogs: Pick<Catalogs, "has" | "known">;
  readonly documents: readonly PolicyDocument[];
}

/**
 * The questions about an argument: `name@market[@version]` is a plugin with its hooks and what ceilings are set on, `--flag` a flag,
 * everything else a source of marketplaces. Throws what reading a source throws.
 */
export function questionsAbout(text: string, cwd: string, names: KnownNames): readonly PolicyQuestion[] {
  const flag = /^--([a-z][a-z-]*)$/u.exec(text)?.[1];
  if (flag !== undefined) return [ask({ kind: "flag", name: flag }, "flag")];
  const [id, version] = splitVersion(text);
  const plugin = parsePluginId(id);
  if (plugin === undefined) {
    const market = canonicalSource(marketplaceArgument(text, cwd));
    return [ask({ kind: "marketplace", ...market }, "marketplace")];
  }
  return [
    { ...ask({ kind: "plugin", id, version, market: marketOf(plugin.market, names) }, "plugin"), plugin: id },
    ask({ kind: "contribution", id, contribution: { kind: "hook", name: "any" } }, "hook"),
    ...CAPABILITIES.filter((one) => names.documents.some(({ ceilings }) => ceilings.has(one))).map((capability) =>
      ask({ kind: "capability", id, capability }, "hook"),
    ),
  ];
}

function ask(subject: PolicySubject, kind: keyof typeof POLICY_QUESTIONS): PolicyQuestion {
  return { label: labelOf(subject), subject, actions: POLICY_QUESTIONS[kind] };
}

/** The source that a marketplace's name has on this machine, or in the policy itself. */
function marketOf(name: string, { catalogs, documents }: KnownNames): CanonicalSource | undefined {
  if (catalogs.has(name)) return catalogs.known(name);
  const named = documents
    .map(({ extraKnownMarketplaces }) => extraKnownMarketplaces[name])
    .find((one) => one !== undefined);
  return named === undefined ? undefined : canonicalSource(named.source);
}

/** `name@market` and the version after a second `@`. */
function splitVersion(text: string): readonly [id: string, version: string | undefined] {
  const second = text.indexOf("@", text.indexOf("@") + 1);
  return second < 0 ? [text, undefined] : [text.slice(0, second), text.slice(second + 1)];
}
