const LIST = /^[\w\- ,|]*$/;
const STRICT_LIST = /^[\w.|/*-]*$/;

/** Events whose matcher is a list of exact names that only `|` separates (formats.md §6.2). */
const EXACT: ReadonlySet<string> = new Set(["FileChanged", "StopFailure"]);

/**
 * Whether a matcher selects a name: everything when absent, empty or `*`; exact names for a list; otherwise an unanchored regular
 * expression. A pattern that is none selects nothing. `names` are the name and its older forms.
 */
export function matcherSelects(matcher: string | undefined, event: string, names: readonly string[]): boolean {
  if (matcher === undefined || matcher === "" || matcher === "*") return true;
  if (EXACT.has(event) && STRICT_LIST.test(matcher)) return selectsExactly(matcher.split("|"), names);
  if (LIST.test(matcher)) return selectsExactly(matcher.split(/[|,]/), names);
  const pattern = compiled(matcher);
  return pattern !== undefined && names.some((name) => pattern.test(name));
}

function selectsExactly(list: readonly string[], names: readonly string[]): boolean {
  return list.some((item) => names.includes(item.trim()));
}

function compiled(matcher: string): RegExp | undefined {
  try {
    return new RegExp(matcher, "u");
  } catch {
    // Patterns that only the older syntax admits, e.g. `\-`, are common.
    return compiledLoosely(matcher);
  }
}

function compiledLoosely(matcher: string): RegExp | undefined {
  try {
    return new RegExp(matcher);
  } catch {
    // It was reported when the plugin was checked (`W_HOOK_MATCHER`).
    return undefined;
  }
}
