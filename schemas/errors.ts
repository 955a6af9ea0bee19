/** Every error code of Plugsmith with the one sentence that `docs/errors.md` prints. */
export const ERROR_CODES = {
  E_USAGE: "the command line could not be understood",
  E_INTERRUPTED: "the person interrupted the command",
  E_INTERNAL: "a defect in Plugsmith itself",
  E_NODE: "the Node.js that runs Plugsmith is too old",
  E_IO: "the operating system refused a file operation",
  E_NOT_FOUND: "a file or directory that was named does not exist",
  E_NETWORK: "a server could not be reached or answered with an error",
  E_OFFLINE: "the network is needed but `--offline` was given",
  E_AUTH: "a server refused the credentials, or needs some",
  E_TIMEOUT: "an operation passed its deadline",
  E_JSON: "a file is not valid JSON",
  E_SARIF: "a file with findings of another scanner is not a SARIF 2.1.0 log",
  E_SCHEMA: "a file has a field of the wrong type or lacks a required one",
  E_SCHEMA_NEWER: "a file of ours was written by a newer Plugsmith",
  E_NAME: "a name contains characters that names may not have, or is reserved",
  E_CONFUSABLE: "a name looks like another one that is already known",
  E_AMBIGUOUS: "a name stands for more than one thing",
  E_MARKETPLACE_UNKNOWN: "no marketplace of that name was added",
  E_MARKETPLACE_EXISTS: "the marketplace name is bound to another source",
  E_MARKETPLACE_RENAMED: "the catalog's own name changed since it was added",
  E_MARKETPLACE_ROLLBACK: "the server offers an older catalog than the one on disk",
  E_CATALOG: "a marketplace's catalog is missing or unusable",
  E_ENTRY: "a catalog entry is unusable",
  E_SOURCE_REPLACED: "another repository than before answers at a source",
  E_SOURCE_UNSUPPORTED: "the kind of source is not supported",
  E_SOURCE_COMMAND: "a command that brings a plugin failed, or printed no directory of one",
  E_SOURCE_INVALID: "a source could not be understood",
  E_PLUGIN_UNKNOWN: "no plugin of that name exists where it was looked for",
  E_NOT_INSTALLED: "the plugin is not installed in that scope",
  E_DEPENDANT: "an enabled plugin depends on this one",
  E_UNSATISFIABLE: "no set of versions satisfies every requirement",
  E_RANGE: "a version range is not valid",
  E_RESOLVE_LIMIT: "the dependency graph is too large or too hard to solve",
  E_FROZEN: "intent and lock disagree and `--frozen` forbids changing either",
  E_STALE: "the project's lock changed since it was last synced",
  E_MANIFEST: "a plugin's manifest makes the plugin unloadable",
  E_WOULD_NOT_LOAD: "the plugin would not load after being installed",
  E_SOURCE_BLOCKED: "policy does not allow this source, plugin or process",
  E_POLICY_INVALID: "a rule of the managed policy is not valid and is therefore closed",
  E_TRUST: "a person's consent or trust is needed and was not given",
  E_GIT: "a git command failed",
  E_GIT_MISSING: "the `git` program was not found",
  E_GIT_URL: "a git URL is not acceptable",
  E_GIT_REF: "a git ref name is not acceptable",
  E_GIT_PIN: "the commit that was fetched is not the pinned one",
  E_INTEGRITY: "content does not match its recorded digest",
  E_PATH_ESCAPE: "a path leaves the directory it must stay in",
  E_PATH: "a path has a form that is not allowed",
  E_PACKAGE_LOCK: "npm packages of a plugin's own cannot be installed as they are locked",
  E_ARCHIVE_LINK: "an archive contains a link",
  E_ARCHIVE_PATH: "an archive or tree member has a dangerous path",
  E_ARCHIVE_TYPE: "an archive or tree member is neither a regular file nor a directory",
  E_ARCHIVE_CORRUPT: "an archive is damaged",
  E_LIMIT_ARCHIVE: "an archive is too large",
  E_LIMIT_RATIO: "an archive expands too much",
  E_LIMIT_ENTRIES: "a tree or archive has too many members",
  E_LIMIT_FILE: "a file is too large",
  E_LIMIT_SIZE: "a document or tree is too large",
  E_LIMIT_PATH: "a path is too long or too deep",
  E_LIMIT_DEPTH: "a document is nested too deeply",
  E_LIMIT_RANGE: "a version range is too long",
  E_LIMIT_GLOB: "a glob pattern is too long or expands too much",
  E_LIMIT_GIT: "a git transfer passed its byte cap or deadline",
  E_LIMIT_FRONTMATTER: "a front matter block is too large",
  E_FRONTMATTER: "a front matter block is in a language that is not read",
  E_STATE_CORRUPT: "a state file is damaged",
  E_LOCKED: "another process holds the home, or releases from the repository",
  E_EXISTS: "the target exists already",
  E_POINT_UNKNOWN: "no enabled plugin owns the point that a plugin reads or contributes to",
  E_SERVICE_MISSING: "no enabled plugin provides a service that is needed",
  E_SERVICE_CONFLICT: "several enabled plugins provide one service, or own one point",
  E_NOT_ANNOUNCED: "a plugin adds something that its manifest does not announce, or announces what it does not add",
  E_PLUGIN_FAILED: "the code of a plugin failed",
  E_PLUGIN_HELD: "a plugin is held back by policy, consent, trust, configuration or its own crashes",
  E_ORDER: "plugins ask to come before and after each other in a circle",
  E_INPUT: "the input of a tool does not fit its schema",
  E_SECRET: "a file that would be published looks like a secret",
  E_COMPILE: "the code of a plugin could not be compiled",
  E_RELEASE: "the state of a repository does not let anything be released from it",
  E_PROCESS: "a program could not be started",
  E_ISOLATION: "a code plugin cannot be run in a process of its own as its grants demand",
  E_KEYCHAIN: "where secrets are kept is absent, locked, wrongly set up or refuses",
  E_OPTION: "a plugin has no such option, or its value is missing or does not fit",
  E_SESSION: "a session does not exist, is damaged or would become invalid",
  E_MODEL: "no model can answer",
  E_AGENT: "an agent does not exist or could do nothing",
  E_AGENT_PROGRAM: "another agent's own program refused what it was told, or is not there",
  E_UNEDITABLE: "a file is write-protected, or an entry cannot be cut out of it without touching the rest",
  E_AGENT_UNKNOWN: "no agent of that name is known here",
} as const;

/** A stable error code, e.g. `E_SCHEMA`. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** What a `CodedError` carries beside its message; `data` must hold no secret. */
export interface CodedErrorOptions {
  readonly hint?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
  /** Where the cause lies, `file[:line[:column]]`. */
  readonly where?: string | undefined;
}

const BRAND = Symbol.for("plugsmith.CodedError");

/** The one error class: a stable code, a message without a final full stop, and a hint with the next action. */
export class CodedError extends Error {
  override readonly name = "CodedError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly where: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;

  static {
    // Not a declared field: isolated declarations have no form for a computed name.
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  constructor(code: ErrorCode, message: string, options: CodedErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.where = options.where;
    this.data = options.data ?? {};
  }
}

/** Whether a value is a `CodedError`, also one made by another copy of this module. */
export function isCodedError(value: unknown): value is CodedError {
  return typeof value === "object" && value !== null && BRAND in value;
}
