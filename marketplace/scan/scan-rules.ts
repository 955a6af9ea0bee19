import type { Severity } from "../../schemas/diagnostic.ts";

/** What a text is for: a program runs, a document is read by a model or a person, a command is what the host itself starts. */
export type TextKind = "program" | "document" | "command";

/** One thing that is looked for in texts. */
export interface ScanRule {
  readonly code: `W_SCAN_${string}`;
  /** Global; every repeat is bounded, so that no text is slow. */
  readonly pattern: RegExp;
  /** By kind of text; absent where the same is usual. */
  readonly severity: Readonly<Partial<Record<TextKind, Severity>>>;
  readonly message: string;
  /** Whether a match is none after all. */
  readonly except?: (match: string, before: string) => boolean;
}

const SHELL = String.raw`(?:sudo\s{1,4}(?:-\w{1,4}\s{1,4}){0,3})?(?:(?:/usr)?/bin/)?(?:env\s{1,4})?(?:ba|z|da|k|fi)?sh\b`;
const INTERPRETER = String.raw`(?:${SHELL}|python3?\b|node\b|perl\b|ruby\b|php\b)`;
const FETCH = String.raw`\b(?:curl|wget)\b`;

/** The flag of England and its like are written with tag characters. */
const BLACK_FLAG = "\u{1F3F4}";
/** What documentation writes where a key would stand. */
const PLACEHOLDER =
  /example|sample|dummy|fake|placeholder|your|redacted|test|xxxx|\.\.\.|abcdef|123456|0{8}|(.)\1{5}/iu;

/** Everything that a scan looks for; `error` is what only an attack has a use for. */
export const SCAN_RULES: readonly ScanRule[] = [
  {
    code: "W_SCAN_HIDDEN",
    pattern: /[\u{E0001}\u{E0020}-\u{E007F}]{1,2000}/gu,
    severity: { program: "error", document: "error", command: "error" },
    message: "holds a text in tag characters, which nobody sees and a model reads",
    except: (_match, before) => before.endsWith(BLACK_FLAG),
  },
  {
    code: "W_SCAN_HIDDEN",
    pattern: /[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]{4,2000}/gu,
    severity: { program: "error", document: "error", command: "error" },
    message: "holds a row of variation selectors, which hide bytes in a text",
  },
  {
    code: "W_SCAN_HIDDEN",
    pattern: /[\u202D\u202E]/gu,
    severity: { program: "error", document: "warning", command: "error" },
    message: "turns the direction of a text around, so that it reads otherwise than it runs",
  },
  {
    code: "W_SCAN_HIDDEN",
    pattern: /(?<!^)[\u200B\u2060-\u2064\uFEFF]{1,2000}/gu,
    severity: { program: "warning", document: "warning", command: "error" },
    message: "holds characters without width",
  },
  {
    code: "W_SCAN_CONTROL",
    pattern: /[\u0000-\u0008\u000E-\u001F\u007F\u0080-\u0084\u0086-\u009F]{1,2000}/gu,
    severity: { program: "warning", document: "warning", command: "error" },
    message: "holds control characters, which a terminal obeys",
  },
  {
    code: "W_SCAN_FRONTMATTER",
    pattern:
      /(?<![^])\uFEFF?---[ \t]{0,8}(?:js|javascript|json5|coffee|coffeescript|cson|ts|typescript)[ \t]{0,8}\r?$/gmu,
    severity: { program: "error", document: "error", command: "error" },
    message: "has front matter in a language that some readers execute",
  },
  {
    code: "W_SCAN_DOWNLOAD",
    pattern: new RegExp(String.raw`${FETCH}[^\n|;]{0,400}\|[ \t]{0,8}${INTERPRETER}`, "gu"),
    severity: { program: "warning", document: "info", command: "error" },
    message: "runs what it downloads, unseen",
  },
  {
    code: "W_SCAN_DOWNLOAD",
    pattern: new RegExp(
      String.raw`(?:${SHELL}|\beval\b|\bsource\b)[^\n;|]{0,40}(?:<\(|\$\(|\x60)[ \t]{0,8}${FETCH}`,
      "gu",
    ),
    severity: { program: "warning", document: "info", command: "error" },
    message: "runs what it downloads, unseen",
  },
  {
    code: "W_SCAN_DOWNLOAD",
    pattern:
      /\b(?:irm|iwr|invoke-restmethod|invoke-webrequest|downloadstring)\b[^\n|]{0,400}\|[ \t]{0,8}(?:iex|invoke-expression)\b/giu,
    severity: { program: "warning", document: "info", command: "error" },
    message: "runs what it downloads, unseen",
  },
  {
    code: "W_SCAN_ENCODED",
    pattern: new RegExp(String.raw`\bbase64[ \t]{1,8}(?:-d|-D|--decode)[^\n|;]{0,400}\|[ \t]{0,8}${INTERPRETER}`, "gu"),
    severity: { program: "error", document: "warning", command: "error" },
    message: "decodes a text and runs it",
  },
  {
    code: "W_SCAN_ENCODED",
    pattern:
      /\b(?:eval|exec|Function)[ \t]{0,4}\([ \t]{0,4}(?:atob|Buffer\.from|base64\.b64decode|bytes\.fromhex|zlib\.decompress|codecs\.decode)\b/gu,
    severity: { program: "error", document: "warning", command: "error" },
    message: "decodes a text and runs it",
  },
  {
    code: "W_SCAN_ENCODED",
    pattern:
      /\b(?:powershell|pwsh)(?:\.exe)?\b[^\n]{0,200}[ \t]-e(?:nc|ncodedcommand)?[ \t]{1,8}[A-Za-z0-9+/=]{40,4000}/giu,
    severity: { program: "error", document: "warning", command: "error" },
    message: "runs an encoded command",
  },
  {
    code: "W_SCAN_ENCODED",
    pattern: /(?<![A-Za-z0-9+/=,])[A-Za-z0-9+/]{4000}/gu,
    severity: { program: "info", document: "info", command: "error" },
    message: "holds a long encoded text",
  },
  {
    code: "W_SCAN_KEY",
    pattern:
      /-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----\s{1,4}(?:[A-Za-z-]{1,40}: [^\n]{1,200}\s{1,4}){0,4}[A-Za-z0-9+/=\s]{200,4000}/gu,
    severity: { program: "error", document: "error", command: "error" },
    message: "holds a private key",
  },
  {
    code: "W_SCAN_KEY",
    pattern:
      /\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{82}|glpat-[A-Za-z0-9_-]{20}|npm_[A-Za-z0-9]{36}|sk-ant-api\d\d-[A-Za-z0-9_-]{80,120}|xox[baprs]-\d{6,14}-[A-Za-z0-9-]{20,80}|AIza[A-Za-z0-9_-]{35}|sk_live_[A-Za-z0-9]{24,99})(?![A-Za-z0-9])/gu,
    severity: { program: "error", document: "error", command: "error" },
    message: "holds what looks like a live key",
    except: (match) => PLACEHOLDER.test(match),
  },
];
