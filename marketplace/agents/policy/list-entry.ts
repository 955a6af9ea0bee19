import { stripAnchors } from "../../../schemas/policy-pattern.ts";
import { MANAGED_FILES, type PolicyAgent } from "./policy-agent.ts";
import type { WrittenObject, WrittenRule } from "./written-policy.ts";

/** A rule or source in an agent's words, or why it has none. */
export type Entry = { readonly entry: WrittenObject } | { readonly none: string };

type Form = keyof typeof MEMBERS | "hostPattern" | "pathPattern" | "owner" | "npm" | "skills-dir";

/** What is written of each kind of source, in this order. */
const MEMBERS = {
  github: ["repo", "ref", "path"],
  git: ["url", "ref", "path"],
  url: ["url"],
  directory: ["path"],
  file: ["path"],
  settings: ["name", "owner", "plugins"],
} as const;

/**
 * The kinds that an agent reads in its lists. Nothing else may be written: Copilot CLI 1.0.102 takes no notice of a file in
 * which it meets another kind, and then refuses nothing at all.
 */
const LISTED: Readonly<Record<PolicyAgent, readonly Form[]>> = {
  claude: ["github", "owner", "git", "url", "directory", "file", "settings", "hostPattern", "pathPattern"],
  codex: ["github", "git", "directory", "hostPattern"],
  copilot: ["github", "git", "url", "directory", "file", "hostPattern", "pathPattern"],
  vscode: ["github", "git", "url", "directory", "file", "hostPattern", "pathPattern"],
};

/** The kinds that an agent reads among marketplaces that are offered; the same holds for others. */
const OFFERED: Readonly<Record<PolicyAgent, readonly Form[]>> = {
  claude: ["github", "git", "url", "directory", "file", "settings"],
  codex: [],
  copilot: ["github", "git", "directory"],
  vscode: ["github", "git", "directory"],
};

const WITHOUT: Readonly<Record<Form, string>> = {
  github: "repositories of GitHub",
  owner: "all repositories of an owner",
  git: "repositories",
  url: "the address of a catalog",
  directory: "folders",
  file: "catalogs in files",
  settings: "a catalog that stands in the settings",
  npm: "packages of a registry",
  hostPattern: "a pattern of hosts",
  pathPattern: "a pattern of paths",
  "skills-dir": "what no marketplace lists",
};

/** An element of an allow or block list as an agent reads it. */
export function listEntry(rule: WrittenRule, agent: PolicyAgent): Entry {
  const form = rule.rule.kind === "owner" ? "owner" : formOf(rule.written);
  if (form === undefined || !LISTED[agent].includes(form)) return none(form, agent);
  return agent === "codex" ? codexEntry(rule) : { entry: entryOf(rule, form) };
}

/** The source of a marketplace that an agent is to offer. */
export function offeredSource(written: WrittenObject, agent: PolicyAgent): Entry {
  const form = formOf(written);
  return form === undefined || !OFFERED[agent].includes(form)
    ? none(form, agent)
    : { entry: writtenSource(written, form) };
}

function none(form: Form | undefined, agent: PolicyAgent): Entry {
  return { none: `${MANAGED_FILES[agent].title} has no words for ${form === undefined ? "that" : WITHOUT[form]}` };
}

function formOf({ source }: WrittenObject): Form | undefined {
  return typeof source === "string" && source in WITHOUT ? (source as Form) : undefined;
}

function entryOf({ rule, written }: WrittenRule, form: Form): WrittenObject {
  if (rule.kind === "host") return { source: "hostPattern", hostPattern: anchored(rule.pattern.text) };
  if (rule.kind === "path") return { source: "pathPattern", pathPattern: anchored(rule.pattern.text) };
  return writtenSource(written, form === "owner" ? "github" : form);
}

function writtenSource(written: WrittenObject, form: Form): WrittenObject {
  const members = Object.entries(MEMBERS).find(([one]) => one === form)?.[1] ?? [];
  const present = members.filter((member) => written[member] !== undefined);
  return { source: form, ...Object.fromEntries(present.map((member) => [member, written[member]])) };
}

/** Patterns of agents match anywhere in a text, ours the whole of it. */
function anchored(pattern: string): string {
  return `^(?:${stripAnchors(pattern)})$`;
}

function codexEntry({ rule, written }: WrittenRule): Entry {
  switch (rule.kind) {
    case "host": {
      // What these mean in its language is something else.
      if (/&&|--|~~|\\[<>]/u.test(rule.pattern.text)) return { none: "Codex understands the pattern otherwise" };
      return { entry: { source: "host_pattern", host_pattern: asciiClasses(anchored(rule.pattern.text)) } };
    }
    case "repository": {
      if (rule.path !== undefined) return { none: "Codex reads no catalog in an unusual place" };
      const { repo, url } = written;
      const address = typeof repo === "string" ? `https://github.com/${repo.replace(/\.git$/u, "")}.git` : url;
      return { entry: { source: "git", url: address, ...(rule.ref === undefined ? {} : { ref: rule.ref }) } };
    }
    default:
      return { entry: { source: "local", path: written["path"] } };
  }
}

/** `\d` and `\w` are more than ASCII to it. */
function asciiClasses(pattern: string): string {
  return pattern.replaceAll(/\\(.)/gu, (found, char: string) =>
    char === "d" ? "[0-9]" : char === "w" ? "[0-9A-Za-z_]" : found,
  );
}
