/** The origin of built-in plugins in ids. */
export const BUILTIN = "builtin";

/** Whether a word names a plugin that is part of Plugsmith. */
export function isBuiltin(word: string): boolean {
  return word.endsWith(`@${BUILTIN}`);
}
