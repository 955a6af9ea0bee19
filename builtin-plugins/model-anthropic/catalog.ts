/** Newest model of each family, by the names that public tools use for them. */
const NEWEST: Readonly<Record<string, string>> = {
  fable: "claude-fable-5-2",
  haiku: "claude-haiku-5-5",
  opus: "claude-opus-5-5",
  sonnet: "claude-sonnet-5-5",
};

const DEFAULT_FAMILY = "sonnet";
const LARGE_WINDOW_TOKENS = 1_000_000;
const WINDOW_TOKENS = 200_000;

/** Short names; `ANTHROPIC_DEFAULT_<FAMILY>_MODEL` sets one, as in other tools. */
export function modelAliases(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(NEWEST).map(([family, model]) => [
      family,
      environment[`ANTHROPIC_DEFAULT_${family.toUpperCase()}_MODEL`] ?? model,
    ]),
  );
}

/** The model of somebody who names none: `ANTHROPIC_MODEL`, else the newest of the middle family. */
export function defaultModel(environment: Readonly<Record<string, string>>): string {
  const aliases = modelAliases(environment);
  const named = environment["ANTHROPIC_MODEL"] ?? DEFAULT_FAMILY;
  return aliases[named] ?? named;
}

/** Tokens of context: a million from the fifth generation on (haiku from 5.5), 200,000 before. */
export function contextWindowTokens(model: string): number {
  const [, family = "", major = "", minor = "0"] = /^claude-([a-z]+)-(\d+)(?:-(\d{1,2})(?!\d))?/u.exec(model) ?? [];
  const generation = Number(major) + Number(minor) / 10;
  const from = family === "haiku" ? 5.5 : 5;
  return generation >= from ? LARGE_WINDOW_TOKENS : WINDOW_TOKENS;
}
