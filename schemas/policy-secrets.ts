import { escapeControl } from "./names.ts";
import { reportMisspelt } from "./policy-keys.ts";
import type { RulePlace } from "./policy-rule.ts";
import type { PolicyText } from "./policy-text.ts";
import { isRecord } from "./record.ts";
import { BACKENDS, isBackend, type SecretBackend } from "./secret-backend.ts";

const KEY = "secrets";
const MEMBERS: readonly string[] = ["backend", "command", "allowedBackends"];
const NAMES = BACKENDS.map((name) => `\`${name}\``).join(", ");

/** What one document says about where secrets of plugins lie; they are asked of the settings where one is kept or read. */
export interface SecretRules {
  /** The back ends that people may choose; empty when that cannot be read. */
  readonly allowed?: { readonly backends: readonly SecretBackend[]; readonly place: RulePlace } | undefined;
  /** The back end that everybody has. */
  readonly chosen?: { readonly backend: SecretBackend; readonly place: RulePlace } | undefined;
}

/** Reads `secrets` of a managed file. What is no list allows no back end, and a member that is no back end none. */
export function readSecretRules(raw: unknown, document: PolicyText): SecretRules {
  if (raw === undefined) return {};
  if (!isRecord(raw)) {
    document.invalid([KEY], `\`${KEY}\` must be an object, so it allows no place for secrets`);
    return { allowed: { backends: [], place: document.place([KEY]) } };
  }
  reportMisspelt(raw, MEMBERS, document, [KEY]);
  const { backend, allowedBackends } = raw;
  if (backend !== undefined && !isBackend(backend))
    document.invalid(
      [KEY, "backend"],
      `\`${KEY}.backend\` is no back end, so no secret is kept; write one of ${NAMES}`,
    );
  return {
    ...(allowedBackends !== undefined && {
      allowed: { backends: readAllowed(allowedBackends, document), place: document.place([KEY, "allowedBackends"]) },
    }),
    ...(isBackend(backend) && { chosen: { backend, place: document.place([KEY, "backend"]) } }),
  };
}

function readAllowed(raw: unknown, document: PolicyText): readonly SecretBackend[] {
  const path = [KEY, "allowedBackends"];
  if (!Array.isArray(raw)) {
    document.invalid(path, `\`${path.join(".")}\` must be a list, so it allows no back end`);
    return [];
  }
  for (const item of raw) {
    if (isBackend(item)) continue;
    const written = escapeControl(String(JSON.stringify(item)).slice(0, 128));
    document.invalid(
      path,
      `\`${path.join(".")}\` has an invalid member ${written}, which allows nothing; write ${NAMES}`,
    );
  }
  return raw.filter(isBackend);
}
