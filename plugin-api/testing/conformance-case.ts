/** One thing that a replacement of a built-in must do; put it into whatever runs your tests. */
export interface ConformanceCase {
  /** A sentence. */
  readonly name: string;
  /** Rejects with an `Error` that says what was expected and what came. */
  run(): Promise<void>;
}

/** Throws unless `holds`. */
export function check(holds: boolean, problem: string): asserts holds {
  if (!holds) throw new Error(problem);
}

/** Throws unless two values are the same JSON. */
export function checkSame(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [textOf(actual), textOf(expected)];
  check(found === wanted, `${what}: expected ${wanted}, got ${found}`);
}

/** Throws unless a list begins with all that another one has. */
export function checkGrown(before: readonly string[], after: readonly string[], what: string): void {
  const at = before.findIndex((text, index) => after[index] !== text);
  check(at < 0, `${what}: number ${String(at + 1)} was ${String(before[at])} and became ${String(after[at])}`);
}

/** Throws when `act` neither throws nor rejects. */
export async function checkRefused(act: () => unknown, what: string): Promise<void> {
  let refused = false;
  try {
    await act();
  } catch (error) {
    check(error instanceof Error, `${what} must be refused with an \`Error\`, not with ${String(error)}`);
    refused = true;
  }
  check(refused, `${what} must be refused, and was taken`);
}

/** JSON with sorted keys: the order of fields says nothing. */
export function textOf(value: unknown): string {
  return (
    JSON.stringify(value, (_key, field: unknown) =>
      typeof field === "object" && field !== null && !Array.isArray(field)
        ? Object.fromEntries(Object.entries(field).sort(([left], [right]) => (left < right ? -1 : 1)))
        : field,
    ) ?? "undefined"
  );
}
