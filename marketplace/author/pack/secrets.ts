import { CodedError } from "../../../schemas/errors.ts";
import { shellWord } from "../../../schemas/shell-word.ts";

/** Names of files that hold secrets. */
const NAMES: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^\.env(?:\.(?!example$|sample$|template$|dist$).+)?$/u, "a file of environment variables"],
  [/^id_(?:rsa|dsa|ecdsa|ed25519)$/u, "a private key"],
  [/\.(?:p12|pfx|jks|keystore)$/u, "a store of keys"],
  [/^\.(?:npmrc|pypirc|netrc|git-credentials)$/u, "credentials"],
  [/^(?:credentials|client_secret[^/]*|service[-_]account[^/]*)\.json$/u, "credentials"],
];

/** Forms of secrets that their issuers document. */
const FORMS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----/u, "a private key"],
  [/\bAKIA[0-9A-Z]{16}\b/u, "an AWS access key"],
  [/\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b/u, "a GitHub token"],
  [/\bglpat-[A-Za-z0-9_-]{20,}\b/u, "a GitLab token"],
  [/\bnpm_[A-Za-z0-9]{36}\b/u, "an npm token"],
  [/\bsk-(?:ant|proj)-[A-Za-z0-9_-]{24,}/u, "a key of a model's API"],
  [/\bxox[abprs]-[A-Za-z0-9-]{20,}/u, "a Slack token"],
  [/\bAIza[A-Za-z0-9_-]{35}\b/u, "a Google API key"],
];

const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/** Refuses files that look like a secret, with `E_SECRET`; `allowed` are paths that the author looked at. */
export function refuseSecrets(
  files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
  allowed: readonly string[],
): void {
  const found = files.flatMap(({ path, bytes }) => {
    const secret = allowed.includes(path) ? undefined : secretIn(path, bytes);
    return secret === undefined ? [] : [secret];
  });
  const [first] = found;
  if (first === undefined) return;
  const lines = found.map(({ where, what }) => `\`${where}\` looks like ${what}`);
  throw new CodedError("E_SECRET", lines.join("\n"), {
    hint: `ignore the file in \`.gitignore\` or \`.pluginignore\`; if it is no secret, \`--allow ${shellWord(first.path)}\``,
    where: first.where,
    data: { files: [...new Set(found.map(({ path }) => path))] },
  });
}

interface Secret {
  readonly path: string;
  readonly where: string;
  readonly what: string;
}

function secretIn(path: string, bytes: Uint8Array): Secret | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const byName = NAMES.find(([pattern]) => pattern.test(name));
  if (byName !== undefined) return { path, where: path, what: byName[1] };
  if (bytes.length > MAX_TEXT_BYTES || bytes.subarray(0, 8_000).includes(0)) return undefined;
  const text = new TextDecoder().decode(bytes);
  for (const [pattern, what] of FORMS) {
    const at = pattern.exec(text)?.index;
    if (at !== undefined) return { path, where: `${path}:${text.slice(0, at).split("\n").length}`, what };
  }
  return undefined;
}
