import { redactText } from "./redact.ts";

const HIDDEN = "***";
const CREDENTIAL = String.raw`[\w-]*(?:token(?!s\b|iz)|secret|passw(?:or)?d|passphrase|(?:api|access|private)[_-]?key|credential|auth(?!ors?\b))[\w-]*`;
/** `--token`: the word after it is a value. */
const FLAG = new RegExp(`^--?${CREDENTIAL}$`, "iu");
/** `--token=…`, `TOKEN=…`, `"token": "…"`, anywhere in a word. */
const ASSIGNED = new RegExp(`(${CREDENTIAL}["']?\\s*[=:]\\s*["']?)(?!\\s|\\$)[^\\s"'&;]+`, "giu");
const SCHEME = /\b(bearer|basic|token)(\s+)[\w.~+/=-]{6,}/giu;

/** `-u name:password`. */
const LOGIN_FLAG = /^(?:-u|--user|--proxy-user)$/u;
const LOGIN = /((?:^|\s)(?:-u|--user|--proxy-user)[\s=]+["']?[^\s:"']+):[^\s"']+/gu;

/**
 * The words of a command line without credentials: values that are known to be secret, those of flags, variables and headers
 * that are named like one, and those in URLs. References to variables stay.
 */
export function redactArguments(args: readonly string[], secrets: readonly string[] = []): readonly string[] {
  const known = secrets.filter((secret) => secret !== "");
  return args.map((word, at) => {
    const before = args[at - 1] ?? "";
    if (FLAG.test(before) && !word.startsWith("-")) return HIDDEN;
    if (LOGIN_FLAG.test(before) && word.includes(":")) return word.replace(/:.*$/su, `:${HIDDEN}`);
    const bare = known.reduce((text, secret) => text.replaceAll(secret, HIDDEN), word);
    const plain = bare.replace(SCHEME, `$1$2${HIDDEN}`).replace(LOGIN, `$1:${HIDDEN}`);
    return redactText(plain.replace(ASSIGNED, `$1${HIDDEN}`));
  });
}
