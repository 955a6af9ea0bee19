import type { GitUrl } from "../../schemas/identity.ts";

/** One `git -c` pair; passed by environment so that no value appears in the process list. */
export type GitSetting = readonly [key: string, value: string];

/** Names of environment variables that could change what git or its askpass does. */
const FOREIGN = /^(?:GIT_|SSH_ASKPASS)/u;

/** Settings that hold for every git process, whatever any file says (attacks GT06–GT08, GT14). */
const HERMETIC: readonly GitSetting[] = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.askPass", ""],
  ["core.pager", "cat"],
  ["core.attributesFile", "/dev/null"],
  [
    "core.sshCommand",
    "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ClearAllForwardings=yes -o PermitLocalCommand=no",
  ],
  // Refs of the cache are found again by the next fetch, so only packs are worth a sync.
  ["core.fsync", "-reference,-loose-object"],
  ["init.templateDir", ""],
  ["safe.bareRepository", "explicit"],
  ["submodule.recurse", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["fetch.writeCommitGraph", "false"],
  ["fetch.unpackLimit", "1"],
  ["fetch.fsckObjects", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["protocol.version", "2"],
  ["protocol.allow", "never"],
  ["http.followRedirects", "false"],
  ["http.lowSpeedLimit", "1"],
  ["http.lowSpeedTime", "120"],
  ["http.userAgent", "git/plugsmith"],
];

/**
 * The environment of a git process: the person's own without every `GIT_` variable, no prompts, no system or global
 * configuration, and `settings` as if given by `-c`. `transports` are the protocols git may use at all.
 */
export function gitEnvironment(
  base: NodeJS.ProcessEnv,
  settings: readonly GitSetting[],
  transports: readonly GitUrl["transport"][],
): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(base)) {
    if (value !== undefined && !FOREIGN.test(name.toUpperCase())) environment[name] = value;
  }
  Object.assign(environment, {
    LC_ALL: "C",
    LANGUAGE: "",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    // Beats `protocol.*.allow` of every file; a name that no transport has when nothing is allowed.
    GIT_ALLOW_PROTOCOL: transports.length === 0 ? "none" : transports.join(":"),
  });
  const all = [...HERMETIC, ...transports.map((name): GitSetting => [`protocol.${name}.allow`, "always"]), ...settings];
  environment["GIT_CONFIG_COUNT"] = String(all.length);
  for (const [index, [key, value]] of all.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return environment;
}

/** What the person's own global git configuration contributes, and which of its rewrites were left out. */
export interface PersonalSettings {
  readonly settings: readonly GitSetting[];
  /** The prefixes of `url.<base>.insteadOf` and `pushInsteadOf`-free rewrites, ignored on purpose. */
  readonly insteadOf: readonly string[];
}

const CREDENTIAL = /^credential\./u;
const PROXY_OR_CA = /^http\.(?:.*\.)?(?:proxy[a-z]*|sslcainfo)$/u;
const INSTEAD_OF = /^url\..*\.insteadof$/u;

/** Picks credentials, proxies and CA files out of `git config --list -z`; order is kept, helpers add up. */
export function personalSettings(listing: string): PersonalSettings {
  const settings: GitSetting[] = [];
  const insteadOf: string[] = [];
  for (const record of listing.split("\0")) {
    if (record === "") continue;
    const end = record.indexOf("\n");
    const key = end < 0 ? record : record.slice(0, end);
    // A key without `=` means true.
    const value = end < 0 ? "true" : record.slice(end + 1);
    if (CREDENTIAL.test(key) || PROXY_OR_CA.test(key)) settings.push([key, value]);
    else if (INSTEAD_OF.test(key)) insteadOf.push(value);
  }
  return { settings, insteadOf };
}

const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/giu;
const AUTHORIZATION = /((?:authorization|password|token)\s*[:=]\s*)\S.*/giu;

/** Takes passwords out of text that git printed or was given. */
export function redactGitText(text: string): string {
  return text.replace(USER_INFO, "$1").replace(AUTHORIZATION, "$1***");
}
