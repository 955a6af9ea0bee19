/** The option placeholder `${user_config.KEY}`; a key has letters, digits and underscores and starts with no digit (formats.md §1.5). */
export const OPTION_PLACEHOLDER: RegExp = /\$\{user_config\.([A-Za-z_]\w*)\}/gu;

/** The options of a server that came in a bundle are named after it: `${user_config.SERVER.KEY}`. */
const PLACEHOLDER = /\$\{(user_config\.(?:[\w-]+\.)?)?([A-Za-z_]\w*)(?::-([^}]*))?\}/gu;

/** What placeholders in a plugin's texts stand for. */
export interface PlaceholderValues {
  /** Texts of the plugin's options, e.g. from `pluginOptions`. */
  readonly options: Readonly<Record<string, string>>;
  /** E.g. from `pluginVariables`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Whether `${NAME:-default}` stands for its default where `NAME` has no value or an empty one; default: it stays as it stands. */
  readonly defaults?: boolean | undefined;
  /** Hears of each name that has no value, as it is written between the braces. */
  readonly missing?: ((name: string) => void) | undefined;
}

/**
 * Puts values in the place of `${user_config.KEY}` and `${NAME}`, in one pass: a value is never filled again, and what has none stays as
 * it stands. Never for a text that a shell reads: a value would become code.
 */
export function fillPlaceholders(text: string, { options, variables, defaults, missing }: PlaceholderValues): string {
  return text.replaceAll(PLACEHOLDER, (whole, prefix: string | undefined, name: string, otherwise?: string) => {
    if (otherwise !== undefined && defaults !== true) return whole;
    const [values, key] = prefix === undefined ? [variables, name] : [options, optionKey(prefix, name)];
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    if (value !== undefined && (value !== "" || otherwise === undefined)) return value;
    if (otherwise !== undefined) return otherwise;
    missing?.(`${prefix ?? ""}${name}`);
    return whole;
  });
}

/** The keys of the options that texts mention. */
export function mentionedOptions(texts: readonly string[]): ReadonlySet<string> {
  const keys = texts.flatMap((text) =>
    [...text.matchAll(PLACEHOLDER)].flatMap(([, prefix, name = ""]) =>
      prefix === undefined ? [] : [optionKey(prefix, name)],
    ),
  );
  return new Set(keys);
}

function optionKey(prefix: string, name: string): string {
  return `${prefix.slice("user_config.".length)}${name}`;
}

/** The value of an option as texts, arguments and variables hold it: the members of a list are joined by commas. */
export function optionText(value: unknown): string {
  return Array.isArray(value) ? value.join(",") : String(value);
}
