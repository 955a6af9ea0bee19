/** The variable that marks everything below a session (DESIGN §5.7). */
const MARKER = "PLUGSMITH_SESSION";

/** An environment for a process under a session: exactly the given one, and the mark. */
export function sessionEnvironment(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...environment, [MARKER]: "1" };
}

/** Whether this environment is that of a process under a session. */
export function isUnderSession(environment: Readonly<Record<string, string | undefined>>): boolean {
  return (environment[MARKER] ?? "") !== "";
}
