/** Where secrets can lie, in the order of messages; one is always chosen by name, and none stands in for another (attacks.md SC02). */
export const BACKENDS = ["keychain", "encrypted-file", "command", "environment", "memory"] as const;

/** One of `BACKENDS`. */
export type SecretBackend = (typeof BACKENDS)[number];

/** Whether a text names a back end. */
export function isBackend(name: unknown): name is SecretBackend {
  return BACKENDS.some((backend) => backend === name);
}
