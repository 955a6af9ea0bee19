import { simpleCommand } from "./shell-words.ts";

/** What stands in the brackets of a Bash rule. */
export type BashSpecifier =
  | { readonly kind: "all" }
  | { readonly kind: "exact"; readonly command: string }
  | { readonly kind: "prefix"; readonly command: string }
  /** Stars elsewhere than at the end: they restrict, and allow nothing. */
  | { readonly kind: "pattern"; readonly pattern: string };

/** Reads `npm run test:*`, `npm run test *`, `npm test`, `*`. */
export function bashSpecifier(written: string): BashSpecifier {
  const text = written.trim();
  if (text === "" || text === "*" || text === ":*") return { kind: "all" };
  const prefix = /^(?<command>[^*]*?)(?::| )\*$/u.exec(text)?.groups?.["command"];
  if (prefix !== undefined) return { kind: "prefix", command: prefix.trim() };
  return text.includes("*") ? { kind: "pattern", pattern: text } : { kind: "exact", command: text };
}

/** Whether a rule allows a command: the very same text, or one simple command that begins with the rule's words. */
export function bashAllows(specifier: BashSpecifier, command: string): boolean {
  switch (specifier.kind) {
    case "all":
      return true;
    case "exact":
      return command.trim() === specifier.command;
    case "prefix": {
      const [wanted, words] = [simpleCommand(specifier.command), simpleCommand(command)];
      return wanted !== undefined && words !== undefined && wanted.every((word, at) => words[at] === word);
    }
    case "pattern":
      return false;
  }
}

/** Whether a rule that denies or asks speaks of any command that a text may run; `undefined`: they cannot be told. */
export function bashRestricts(specifier: BashSpecifier, visible: readonly string[] | undefined): boolean {
  if (specifier.kind === "all" || visible === undefined) return true;
  return visible.some((command) => {
    switch (specifier.kind) {
      case "exact":
        return command === specifier.command;
      case "prefix":
        return command === specifier.command || command.startsWith(`${specifier.command} `);
      case "pattern":
        return starMatches(specifier.pattern, command);
    }
  });
}

/** `*` stands for any text; no backtracking beyond the last star. */
export function starMatches(pattern: string, text: string): boolean {
  let [at, star, mark] = [0, -1, 0];
  for (let place = 0; place < text.length;) {
    if (pattern[at] === "*") {
      star = at;
      mark = place;
      at += 1;
    } else if (pattern[at] === text[place]) {
      at += 1;
      place += 1;
    } else if (star === -1) return false;
    else {
      at = star + 1;
      mark += 1;
      place = mark;
    }
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
