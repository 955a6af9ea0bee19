import type { Diagnostic } from "./diagnostic.ts";
import type { FrontMatter } from "./frontmatter.ts";

/**
 * How a field is written: `text` a scalar; `hint` text that may look like a list; `flag` a boolean word; `tools` a list or text cut at
 * commas and blanks outside parentheses; `globs` a list or text cut at commas outside braces; `words` a list or text cut at blanks;
 * `choice` one of `choices`; `count` a positive whole number; `map` a mapping; `raw` anything.
 */
export type FieldKind = "text" | "hint" | "flag" | "tools" | "globs" | "words" | "choice" | "count" | "map" | "raw";

/** One recognised front matter field. */
export interface FieldRule {
  readonly key: string;
  /** Canonical camelCase name in `fields` of a contribution. */
  readonly to: string;
  readonly kind: FieldKind;
  readonly about: string;
  readonly choices?: readonly string[] | undefined;
  /** Other accepted spellings. */
  readonly aliases?: readonly string[] | undefined;
}

/** A table of fields with what the readers need from it. */
export interface FieldTable {
  readonly rules: readonly FieldRule[];
  readonly byKey: ReadonlyMap<string, FieldRule>;
  readonly keys: ReadonlySet<string>;
  /** Keys of a document of this kind, known to it or not, whose type other clients insist on. */
  readonly typed: ReadonlySet<string>;
}

/** Makes the look-up of a list of rules. */
export function fieldTable(rules: readonly FieldRule[], typed: readonly string[] = []): FieldTable {
  const byKey = new Map<string, FieldRule>();
  for (const rule of rules) for (const key of [rule.key, ...(rule.aliases ?? [])]) byKey.set(key, rule);
  return { rules, byKey, keys: new Set(byKey.keys()), typed: new Set(typed) };
}

/** Values by canonical name, each converted by its rule; what cannot be converted is left out with a located warning. */
export function readFields(
  matter: FrontMatter,
  table: FieldTable,
  file: string,
): { readonly fields: Record<string, unknown>; readonly diagnostics: readonly Diagnostic[] } {
  const fields: Record<string, unknown> = {};
  const diagnostics: Diagnostic[] = [...matter.diagnostics];
  for (const [key, value] of Object.entries(matter.fields)) {
    if (value === null) continue;
    const rule = table.byKey.get(key);
    const wanted = table.typed.has(key) ? insistence(key, value) : undefined;
    const converted = rule && convert(rule, value, matter.sources[key]);
    if (wanted !== undefined) {
      diagnostics.push({
        code: "W_FIELD_MISTYPED",
        severity: "warning",
        message: `\`${key}\` is ${describe(value)}, and other clients want ${wanted}`,
        file,
        ...matter.locate(key),
        hint: `write ${wanted}`,
      });
    }
    if (rule === undefined) continue;
    if (converted === undefined) {
      if (wanted !== undefined) continue;
      diagnostics.push({
        code: "W_FIELD_TYPE",
        severity: "warning",
        message: `\`${key}\` is ${describe(value)}, expected ${expectation(rule)}; it was ignored`,
        file,
        ...matter.locate(key),
        hint: `write ${expectation(rule)}`,
      });
    } else if (!(rule.to in fields)) fields[rule.to] = converted;
  }
  if (matter.salvaged) fields["salvaged"] = true;
  return { fields, diagnostics };
}

/** What is wanted instead of a value that another client's validator refuses; `undefined` when it takes the value. */
function insistence(key: string, value: unknown): string | undefined {
  switch (key) {
    case "description":
      return typeof value === "object" ? "text" : undefined;
    case "allowed-tools":
      return typeof value === "string" || (Array.isArray(value) && value.every((item) => typeof item === "string"))
        ? undefined
        : "text or a list of text";
    case "shell":
      return value === "bash" || value === "powershell" ? undefined : "`bash` or `powershell`";
    default:
      return typeof value === "string" ? undefined : "text";
  }
}

const TRUE_WORDS = new Set(["true", "yes", "on", "1"]);
const FALSE_WORDS = new Set(["false", "no", "off", "0"]);

function convert(rule: FieldRule, value: unknown, source: string | undefined): unknown {
  switch (rule.kind) {
    case "text":
      return typeof value === "object" ? undefined : scalarText(value, source);
    case "hint":
      return typeof value === "object" ? source : scalarText(value, source);
    case "flag": {
      const word = String(value).trim().toLowerCase();
      return TRUE_WORDS.has(word) ? true : FALSE_WORDS.has(word) ? false : undefined;
    }
    case "tools":
      return list(value, source, (text) => cut(text, "(", ")", true));
    case "globs":
      return list(value, source, (text) => cut(text, "{", "}", false));
    case "words":
      return list(value, source, (text) => text.split(/\s+/).filter((word) => word !== ""));
    case "choice": {
      const word = scalarText(value, source).trim();
      return rule.choices?.includes(word) === true ? word : undefined;
    }
    case "count": {
      const number = typeof value === "string" ? Number(value) : value;
      return typeof number === "number" && Number.isInteger(number) && number > 0 ? number : undefined;
    }
    case "map":
      return typeof value === "object" && !Array.isArray(value) ? value : undefined;
    case "raw":
      return value;
  }
}

function scalarText(value: unknown, source: string | undefined): string {
  return typeof value === "string" ? value.trim() : (source ?? String(value));
}

function list(
  value: unknown,
  source: string | undefined,
  split: (text: string) => string[],
): readonly string[] | undefined {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item !== "object" || item === null)
      ? value.filter((item) => item !== null).map((item) => String(item).trim())
      : undefined;
  }
  return typeof value === "object" ? undefined : split(scalarText(value, source));
}

/** Cuts at commas (and blanks) that no bracket encloses. */
function cut(text: string, open: string, close: string, blanks: boolean): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const character of text) {
    if (character === open) depth++;
    else if (character === close) depth = Math.max(0, depth - 1);
    const ends =
      depth === 0 && (character === "," || character === "\n" || (blanks && (character === " " || character === "\t")));
    if (!ends) part += character;
    else {
      parts.push(part);
      part = "";
    }
  }
  return [...parts, part].map((item) => item.trim()).filter((item) => item !== "");
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a mapping" : `\`${String(value).slice(0, 40)}\``;
}

function expectation(rule: FieldRule): string {
  switch (rule.kind) {
    case "flag":
      return "`true` or `false`";
    case "choice":
      return `one of ${(rule.choices ?? []).map((choice) => `\`${choice}\``).join(", ")}`;
    case "count":
      return "a positive whole number";
    case "map":
      return "a mapping";
    case "tools":
    case "globs":
    case "words":
      return "a list of text";
    default:
      return "text";
  }
}
