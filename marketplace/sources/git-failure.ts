import { CodedError, type ErrorCode } from "../../schemas/errors.ts";
import { quotedWord } from "../../schemas/shell-word.ts";
import { redactGitText } from "./git-environment.ts";

/** What a failed git command suffered from, as far as its last words tell. */
export type GitSymptom =
  | "unknown-object"
  | "unknown-ref"
  | "filter-refused"
  | "contended"
  | "damaged"
  | "missing-repository"
  | "ownership"
  | "authentication"
  | "host-key"
  | "redirect"
  | "transport"
  | "name-resolution"
  | "certificate"
  | "connection"
  | "disk-full"
  | "nothing-matched"
  | "unknown";

interface SymptomRule {
  readonly symptom: GitSymptom;
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly hint: string;
}

/** First match wins; the texts are git's own under `LC_ALL=C`, curl's and ssh's. */
const RULES: readonly SymptomRule[] = [
  {
    symptom: "damaged",
    pattern:
      /not a git repository|bad config|packfile .* (?:cannot be accessed|far too short|does not match|is not)|is corrupt|object file .* is empty|bad object|reference broken|unable to resolve reference|broken (?:ref|link)|index file .* (?:too small|corrupt)/u,
    code: "E_GIT",
    hint: "remove the cached repository and try again",
  },
  {
    symptom: "host-key",
    pattern: /Host key verification failed|host key is known by|REMOTE HOST IDENTIFICATION HAS CHANGED/u,
    code: "E_AUTH",
    hint: "connect once with `ssh` to check and accept the host's key, then try again",
  },
  {
    symptom: "authentication",
    pattern:
      /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|Permission denied \(|Access denied|requested URL returned error: 40[13]/u,
    code: "E_AUTH",
    hint: "sign in with git once (a credential helper in the global git configuration, or a key in the ssh agent), then try again",
  },
  {
    symptom: "redirect",
    pattern: /requested URL returned error: 30\d|unable to update url base from redirection/u,
    code: "E_SOURCE_BLOCKED",
    hint: "redirects are not followed; use the final address of the repository",
  },
  {
    symptom: "transport",
    pattern: /transport '[^']*' not allowed/u,
    code: "E_GIT_URL",
    hint: "use an https or ssh address",
  },
  {
    symptom: "ownership",
    pattern: /dubious ownership|unsafe repository/u,
    code: "E_GIT",
    hint: "the repository belongs to another user; copy it, or make yourself its owner",
  },
  {
    symptom: "missing-repository",
    pattern:
      /repository '[^']*' not found|does not appear to be a git repository|[Rr]epository not found|requested URL returned error: 404/u,
    code: "E_GIT",
    hint: "check the spelling; a private repository also looks like this when git has no credentials for it",
  },
  {
    symptom: "unknown-ref",
    pattern: /couldn't find remote ref|[Rr]emote branch .* not found/u,
    code: "E_GIT",
    hint: "check the name of the branch or tag",
  },
  {
    symptom: "unknown-object",
    pattern:
      /not our ref|unadvertised object|no such remote ref|did not send all necessary objects|remote error: want .* not valid/u,
    code: "E_GIT",
    hint: "the server no longer has this commit",
  },
  {
    symptom: "filter-refused",
    pattern: /filter-spec|object filtering|filtering not (?:supported|recognized)|sparse filter/u,
    code: "E_GIT",
    hint: "the server refuses partial fetches",
  },
  {
    symptom: "contended",
    pattern:
      /shallow(?:\.lock| file has changed)|cannot lock ref|could not lock|unable to (?:lock|create '.*\.lock')|tmp_pack|unable to (?:write|rename|open) .*objects\/pack|incorrect old value/u,
    code: "E_GIT",
    hint: "another process used the same cached repository; try again",
  },
  {
    symptom: "name-resolution",
    pattern:
      /[Cc]ould not resolve (?:host|hostname|proxy)|Name or service not known|Temporary failure in name resolution/u,
    code: "E_NETWORK",
    hint: "check the host name and the connection; `--offline` uses what is already here",
  },
  {
    symptom: "certificate",
    pattern: /certificate|SSL_|SSL connection|gnutls/iu,
    code: "E_NETWORK",
    hint: "the server's certificate is not trusted; set `http.sslCAInfo` in the global git configuration if it is your own",
  },
  {
    symptom: "connection",
    pattern:
      /Failed to connect|Couldn't connect|[Cc]onnection (?:refused|timed out|reset|closed)|Network is unreachable|No route to host|Empty reply|early EOF|RPC failed|hung up unexpectedly|unexpected disconnect|expected flush|requested URL returned error: 5\d\d|Operation too slow/u,
    code: "E_NETWORK",
    hint: "check the connection and the address, then try again",
  },
  {
    symptom: "disk-full",
    pattern: /No space left on device|Disk quota exceeded/u,
    code: "E_IO",
    hint: "free some disk space, then try again",
  },
];

const TAIL_LINES = 6;

/** The command as a person could type it, without secrets. */
export function printableCommand(argv: readonly string[]): string {
  return redactGitText(argv.map((part) => (/^[\w@%+=:,./*^{}-]+$/u.test(part) ? part : quotedWord(part))).join(" "));
}

/** The error for a git command that ended with a non-zero status. `data.symptom` is a `GitSymptom`, `data.command` can be typed again. */
export function gitFailure(argv: readonly string[], stderr: string, exit: string): CodedError {
  const text = redactGitText(stderr);
  const rule = RULES.find((candidate) => candidate.pattern.test(text));
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const tail = lines.slice(-TAIL_LINES);
  const last = lines.find((line) => /^(?:fatal|error|remote|ERROR|ssh):/u.test(line)) ?? lines.at(-1) ?? exit;
  const command = printableCommand(argv);
  return new CodedError(rule?.code ?? "E_GIT", `git failed: ${last.replace(/\.$/u, "")}`, {
    hint: rule?.hint ?? "run the command by hand to see more",
    data: {
      command,
      exit,
      stderr: tail,
      symptom: rule?.symptom ?? (exit === "exit 1" && !complains(lines) ? "nothing-matched" : "unknown"),
    },
  });
}

/** A fetch of patterns that match nothing ends with 1 and without a word. */
function complains(lines: readonly string[]): boolean {
  return lines.some((line) => /^(?:fatal|error|remote):/u.test(line));
}

/** Why a git command failed; `undefined` when the error is not one of git's. */
export function gitSymptom(error: unknown): GitSymptom | undefined {
  if (!(error instanceof CodedError)) return undefined;
  const symptom = error.data["symptom"];
  if (symptom === "nothing-matched") return symptom;
  return typeof symptom === "string"
    ? (RULES.find((rule) => rule.symptom === symptom)?.symptom ?? "unknown")
    : undefined;
}
