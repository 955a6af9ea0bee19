import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { CodedError } from "../../schemas/errors.ts";

/** What `plugin diff` is asked to compare; an open end is what is current, installed or newest. */
export type DiffSubject =
  | { readonly kind: "last" }
  | { readonly kind: "generations"; readonly from: number; readonly to?: number | undefined }
  | { readonly kind: "locks"; readonly from: string; readonly to?: string | undefined }
  | {
      readonly kind: "versions";
      readonly plugin: string;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
    };

/** The subject, and the words behind it: paths of files when a patch is wanted. */
export interface DiffWords {
  readonly subject: DiffSubject;
  readonly paths: readonly string[];
}

/** Two dots between two names; those of `./` and `../` are none. */
const RANGE = /^(.*[^./])\.\.(?![./])(.*)$/u;
const VERSION = /^v?\d/u;

/**
 * Reads the words of `plugin diff`: nothing, `3..5`, `3`, `a.lock..b.lock`, a lock, `name@market`, `name@market 1.0.0..1.2.0`;
 * with `patch`, what follows are paths. Throws `E_USAGE`.
 */
export function diffSubject(words: readonly string[], cwd: string, patch: boolean): DiffWords {
  const [first = "", ...rest] = words;
  const checked = (subject: DiffSubject, paths: readonly string[]): DiffWords => {
    if (patch || paths.length === 0) return { subject, paths };
    throw new CodedError("E_USAGE", `\`${paths[0] ?? ""}\` is too many`, {
      hint: "paths of files follow with `--patch`; `plugin diff --help` shows examples",
    });
  };
  if (words.length === 0) return { subject: { kind: "last" }, paths: [] };
  const generations = /^(\d{1,9})(?:\.\.(\d{0,9}))?$/u.exec(first);
  if (generations !== null) {
    const [, from, to = ""] = generations;
    return checked({ kind: "generations", from: Number(from), ...(to === "" ? {} : { to: Number(to) }) }, rest);
  }
  const isFile = existsSync(resolve(cwd, first));
  // A path alone is one of the last change.
  if (patch && !isFile && first.includes("/") && !first.includes(":") && RANGE.exec(first) === null)
    return { subject: { kind: "last" }, paths: words };
  const isPlugin =
    !isFile && !first.endsWith(".lock") && /^[^/\\:.][^/\\:]*$/u.test(first) && RANGE.exec(first) === null;
  if (isPlugin) return versions(first, rest, checked);
  const [, from = first, to = ""] = isFile ? [] : (RANGE.exec(first) ?? []);
  if (patch && rest.length > 0) return { subject: { kind: "locks", from, ...endOf(to) }, paths: rest };
  const [second, ...paths] = to === "" ? rest : [to, ...rest];
  return checked({ kind: "locks", from, ...endOf(second ?? "") }, paths);
}

function versions(
  plugin: string,
  [range = "", ...rest]: readonly string[],
  checked: (subject: DiffSubject, paths: readonly string[]) => DiffWords,
): DiffWords {
  const [, from = range, to = ""] = RANGE.exec(range) ?? [];
  // With `--patch` the path of a file may follow at once.
  const isRange = range === "" || VERSION.test(from);
  if (!isRange && !existsVersion(range)) return checked({ kind: "versions", plugin }, [range, ...rest]);
  return checked(
    { kind: "versions", plugin, ...(from === "" ? {} : { from: from.replace(/\.\.$/u, "") }), ...endOf(to) },
    rest,
  );
}

/** A version that is no number: the start of a commit, or what is said of a folder without one. */
const existsVersion = (word: string): boolean => /^(?:[0-9a-f]{12}|sha256-[0-9a-f]+|unknown)(?:\.\..*)?$/u.test(word);

const endOf = (to: string): { readonly to?: string } => (to === "" ? {} : { to });
