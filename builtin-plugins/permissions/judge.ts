import { resolve } from "node:path";
import type { GateResult, PermissionMode, Session } from "plugsmith/plugin-api";
import { baseOf, type PathBases } from "./path-specifier.ts";
import type { Places } from "./places.ts";
import { realPath } from "./real-path.ts";
import type { RuleBook } from "./rule-book.ts";
import { ruleAllows, ruleGrants, ruleRestricts, type Rule } from "./rule.ts";
import { pathWords } from "./shell-words.ts";
import type { ToolPath, ToolRequest } from "./tool-request.ts";

/** What the rules say of a call. */
export type Verdict =
  | { readonly decision: "allow" }
  | { readonly decision: "deny"; readonly reason: string }
  | {
      readonly decision: "ask";
      readonly reason: string;
      /** Only the person can answer, for this one call: a rule or a critical path asks. */
      readonly isFixed: boolean;
    };

const ALLOW: Verdict = { decision: "allow" };
/** From the strictest: an agent is never freer than the one above it. */
const MODES: readonly PermissionMode[] = ["plan", "dontAsk", "default", "acceptEdits", "bypassPermissions"];

/** Decides by rules alone: deny, ask, mode, allow, then what the tool itself is (DESIGN §6). */
export class Judge {
  readonly #book: RuleBook;
  readonly #places: Places;

  constructor(book: RuleBook, places: Places) {
    this.#book = book;
    this.#places = places;
  }

  /** `opinion` is what public hooks said of the call. */
  judge(request: ToolRequest, opinion: GateResult): Verdict {
    const mode = this.#mode(request.session);
    const verdict = this.#denied(request, opinion, mode) ?? this.#asked(request, opinion);
    if (verdict !== undefined)
      return verdict.decision === "ask" && mode === "dontAsk" ? unasked(verdict.reason) : verdict;
    if (mode === "bypassPermissions" || this.#isAllowed(request, mode) || opinion.decision === "allow") return ALLOW;
    const reason = this.#why(request);
    return mode === "dontAsk" ? unasked(reason) : { decision: "ask", reason, isFixed: false };
  }

  /** Whether no rule denies reading a file. */
  mayRead(file: string, session: Session | undefined): boolean {
    const request: ToolRequest = {
      name: "Read",
      callId: "",
      family: "read",
      readOnly: true,
      isKnownToRead: true,
      input: { file_path: file },
      isChanged: false,
      paths: [{ path: file, real: file, isSearch: false }],
      command: undefined,
      visible: undefined,
      session,
      directory: session?.directory ?? this.#places.directory,
    };
    return this.#restricting("deny", request) === undefined;
  }

  #denied(request: ToolRequest, opinion: GateResult, mode: PermissionMode): Verdict | undefined {
    const rule = this.#restricting("deny", request);
    if (rule !== undefined) return deny(`\`${request.name}\` is denied by ${named(rule)}`);
    if (!this.#isWithinTools(request)) {
      return deny(
        `this agent may not use \`${request.name}\`; its definition, or that of an agent above it, leaves it out`,
      );
    }
    if (opinion.decision === "deny") return deny(opinion.reason ?? `\`${opinion.by ?? "a hook"}\` denies it`);
    if (mode === "plan" && !request.readOnly) {
      return deny(`\`${request.name}\` changes things, and this is plan mode: read, and say what you would do`);
    }
    return undefined;
  }

  #asked(request: ToolRequest, opinion: GateResult): Verdict | undefined {
    const critical = this.#critical(request);
    if (critical !== undefined)
      return ask(`\`${request.name}\` wants to touch \`${critical}\`, which only a person may allow`);
    const rule = this.#restricting("ask", request);
    if (rule !== undefined) return ask(`\`${request.name}\` needs a person's yes by ${named(rule)}`);
    if (opinion.decision === "ask") return ask(opinion.reason ?? `\`${opinion.by ?? "a hook"}\` wants a person's yes`);
    return undefined;
  }

  #isAllowed(request: ToolRequest, mode: PermissionMode): boolean {
    const { session, directory, paths, family } = request;
    const isInside = (path: ToolPath): boolean => this.#places.isInside(path, session, directory);
    if (mode === "acceptEdits" && family === "edit" && paths.length > 0 && paths.every(isInside)) return true;
    const bases = this.#bases(request);
    if (this.#book.rules("allow", session).some((rule) => ruleAllows(rule, request, bases))) return true;
    if (!request.isKnownToRead) return false;
    return paths.every((path) => isInside(path) || this.#places.isOfPlugin(path, session));
  }

  #critical(request: ToolRequest): string | undefined {
    const { isKnownToRead, paths, command, directory, session } = request;
    if (command !== undefined) {
      return pathWords(command).find((word) => {
        const path = resolve(directory, word.replace(/^(?:~|\$HOME)(?=\/|$)/u, this.#places.home));
        return this.#places.isCritical({ path, real: reachable(path) }, session);
      });
    }
    return isKnownToRead ? undefined : paths.find((path) => this.#places.isCritical(path, session))?.path;
  }

  #restricting(kind: "deny" | "ask", request: ToolRequest): Rule | undefined {
    const bases = this.#bases(request);
    return this.#book.rules(kind, request.session).find((rule) => ruleRestricts(rule, request, bases));
  }

  /** A child's tools are held against those of every agent above it. */
  #isWithinTools(request: ToolRequest): boolean {
    const bases = this.#bases(request);
    for (let session = request.session; session !== undefined; session = session.parent) {
      const tools = this.#book.toolsOf(session);
      if (tools?.some((rule) => ruleGrants(rule, request, bases)) === false) return false;
    }
    return true;
  }

  #mode(session: Session | undefined): PermissionMode {
    let strictest: PermissionMode = session === undefined ? "default" : "bypassPermissions";
    for (let each = session; each !== undefined; each = each.parent) {
      const { permissionMode } = each.options;
      if (MODES.indexOf(permissionMode) < MODES.indexOf(strictest)) strictest = permissionMode;
    }
    return strictest === "bypassPermissions" && this.#book.bypassForbidden ? "default" : strictest;
  }

  #bases({ session, directory }: ToolRequest): PathBases {
    const project = baseOf(this.#places.project(session));
    const here = directory === project.path ? project : baseOf(directory);
    return { project, directory: here, home: this.#places.homeBase };
  }

  #why({ name, command, paths, session, directory }: ToolRequest): string {
    if (command !== undefined) return `no rule allows \`${name}\` to run \`${shortened(command)}\``;
    const outside = paths.find((path) => !this.#places.isInside(path, session, directory));
    if (outside !== undefined) return `\`${name}\` wants \`${outside.real}\`, outside the working folders`;
    const [path] = paths;
    return path === undefined ? `no rule allows \`${name}\`` : `no rule allows \`${name}\` for \`${path.path}\``;
  }
}

/** Where a word leads, if it is a path at all. */
function reachable(path: string): string {
  try {
    return realPath(path);
  } catch (error) {
    // Too long, forbidden, or a circle of links: no file that can be written.
    if (error instanceof Error) return path;
    throw error;
  }
}

function named({ text, source: { layer, file } }: Rule): string {
  if (layer === "turn") return `the rule \`${text}\` of a skill or command of this turn`;
  if (layer === "session") return `the rule \`${text}\` of this session`;
  return `the rule \`${text}\` of the ${layer} settings${file === undefined ? "" : `, \`${file}\``}`;
}

function deny(reason: string): Verdict {
  return { decision: "deny", reason };
}

function ask(reason: string): Verdict {
  return { decision: "ask", reason, isFixed: true };
}

function unasked(reason: string): Verdict {
  return deny(`${reason}, and in this mode nobody is asked`);
}

function shortened(command: string): string {
  const line = command.replaceAll(/\s+/gu, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
