/** A matcher of a public hook with the names that another agent has for the same tools; anything it does not list stays. */
export function renamedMatcher(
  matcher: string | undefined,
  names: Readonly<Record<string, string>>,
): string | undefined {
  return matcher?.replaceAll(/[A-Za-z_]\w*/gu, (word) => names[word] ?? word);
}
