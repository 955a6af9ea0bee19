/** A word in single quotes, as every POSIX shell takes it back. */
export function quotedWord(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** A word as a person would type it for a POSIX shell: in quotes only where it needs some. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : quotedWord(word);
}
