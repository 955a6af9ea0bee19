import { inlineCatalogText } from "./marketplace-source.ts";
import type { MarketplaceRule, RuleUse } from "./policy-rule.ts";
import { isTrusted, type RuleSubject } from "./policy-source.ts";

/** Whether a rule matches the source of a marketplace, or of a plugin's own files. */
export function matches(rule: MarketplaceRule, subject: RuleSubject, use: RuleUse): boolean {
  const { source, canonical, git, host } = subject;
  const proves = git === undefined || use === "block" || isTrusted(git);
  switch (rule.kind) {
    case "nothing":
      return false;
    case "owner":
      return git !== undefined && proves && git.identity.startsWith(rule.prefix);
    case "host":
      return host !== undefined && host !== "" && proves && rule.pattern.matches(host);
    case "scope":
    case "package": {
      const package_ = canonical.source;
      if (package_.kind !== "npm") return false;
      // A block list means the package wherever it is published, unless it names a registry.
      if (package_.registry !== rule.registry && (use === "allow" || rule.registry !== undefined)) return false;
      if (rule.kind === "scope") return package_.package.startsWith(rule.prefix);
      if (package_.package !== rule.name) return false;
      return subject.isPlugin || rule.version === undefined || rule.version === package_.version;
    }
    case "inline":
      if (source.kind !== "settings" || source.name !== rule.name) return false;
      return use === "block" || inlineCatalogText(source) === rule.catalog;
    case "path":
      return (source.kind === "directory" || source.kind === "file") && rule.pattern.matches(source.path);
    case "exact":
      if (rule.identity === canonical.identity) return true;
      return use === "block" && git !== undefined && rule.repository === subject.repository;
    case "repository":
      return isRepository(rule, subject, use) && proves;
  }
}

function isRepository(
  rule: Extract<MarketplaceRule, { kind: "repository" }>,
  { git, repository, canonical, isPlugin }: RuleSubject,
  use: RuleUse,
): boolean {
  if (use === "block" ? rule.repository !== repository : rule.identity !== git?.identity) return false;
  const { source } = canonical;
  if (!isPlugin && (source.kind === "github" || source.kind === "git")) {
    if (rule.ref !== undefined && rule.ref !== source.ref) return false;
    if (rule.path !== undefined && rule.path !== source.path) return false;
  }
  if (use === "block" || rule.git === undefined) return true;
  return rule.git.transport === git?.transport && rule.git.user === git.user && rule.git.inHome === git.inHome;
}
