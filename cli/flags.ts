/** One flag; with `value` (the placeholder in help) it takes a value, without it is a switch. */
export interface FlagSpec {
  readonly name: string;
  readonly short?: string | undefined;
  readonly value?: string | undefined;
  readonly choices?: readonly string[] | undefined;
  readonly repeatable?: boolean | undefined;
  readonly summary: string;
}

/** Flags that every verb takes, before or after its name. */
export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { name: "json", summary: "print one JSON document" },
  {
    name: "scope",
    short: "s",
    value: "scope",
    choices: ["user", "project", "local"],
    summary: "act on the user's plugins, the project's, or your own picks in the project",
  },
  { name: "dry-run", summary: "show what would happen, change nothing" },
  { name: "yes", short: "y", summary: "answer plan questions with yes (never consent)" },
  {
    name: "accept",
    value: "digest",
    repeatable: true,
    summary: "a person's yes to what this digest can execute, or to this commit of a repository created anew",
  },
  { name: "offline", summary: "use no network" },
  { name: "cwd", short: "C", value: "dir", summary: "act as if started in this directory" },
  { name: "verbose", summary: "say more, also where an error was raised" },
  { name: "no-color", summary: "print without colour (so does NO_COLOR)" },
  { name: "help", short: "h", summary: "explain the verb" },
  { name: "version", short: "V", summary: "print the version" },
];

/** Flags and words as a person typed them, checked against the specs. */
export interface ParsedArguments {
  readonly positionals: readonly string[];
  readonly switches: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** The last value of a flag. */
export function valueOf(args: ParsedArguments, name: string): string | undefined {
  return args.values.get(name)?.at(-1);
}
