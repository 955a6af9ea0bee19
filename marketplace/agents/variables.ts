/** A variable of the environment in a public configuration: `${NAME}` or `${NAME:-fallback}`. */
export interface Variable {
  readonly name: string;
  readonly fallback?: string | undefined;
}

const VARIABLE = /\$\{(?!(?:CLAUDE_)?PLUGIN_(?:ROOT|DATA)\})([A-Z_]\w*)(?::-([^}]*))?\}/gu;

/** The variables in all texts of a JSON value. */
export function variablesOf(value: unknown): readonly Variable[] {
  return [...JSON.stringify(value).matchAll(VARIABLE)].map(([, name = "", fallback]) => ({ name, fallback }));
}

/** The name of the variable that a text is; `undefined` when it is anything else. */
export function onlyVariable(text: string): string | undefined {
  const [match] = text.matchAll(VARIABLE);
  return match?.[0] === text && match[2] === undefined ? match[1] : undefined;
}

/** The same JSON value with every variable in its texts written in another way. */
export function withVariables(value: unknown, written: (variable: Variable) => string): unknown {
  return JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    typeof inner === "string"
      ? inner.replaceAll(VARIABLE, (_whole, name: string, fallback: string | undefined) => written({ name, fallback }))
      : inner,
  );
}
