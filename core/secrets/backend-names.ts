/** Where secrets can lie; one is always chosen by name, and none stands in for another (attacks.md SC02). */
export type SecretBackend = "keychain" | "encrypted-file" | "command" | "environment" | "memory";

/** Every back end, in the order of messages. */
export const BACKENDS: readonly SecretBackend[] = ["keychain", "encrypted-file", "command", "environment", "memory"];

/** End of a hint where the chosen back end does not answer. */
export const ELSEWHERE =
  'or choose where secrets lie: `"secrets": {"backend": "encrypted-file"}`, `"command"` or `"environment"` in your settings';

/** Whether a text names a back end. */
export function isBackend(name: unknown): name is SecretBackend {
  return BACKENDS.some((backend) => backend === name);
}
