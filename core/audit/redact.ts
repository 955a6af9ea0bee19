const CREDENTIAL_NAME =
  /token|secret|passw|(?:api|access|private)[_-]?key|authorization|cookie|credential|(?:^|[_-])(?:auth|dsn|sig|signature)$/i;
const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/)([^/?#\s@]*(?:@[^/?#\s@]*)*)@/gi;
const QUERY_VALUE = /([?&;])([^=&;#\s]+)=([^&;#\s]*)/g;
/** Headers as programs print them. */
const HEADER = /\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(["']?\s*[:=]\s*)[^\r\n]+/gi;
const HIDDEN = "***";

/** A copy of plain fields without the credentials that URLs carry and without the values of fields named like one. */
export function redactFields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, redactField(name, value)]));
}

function redactField(name: string, value: unknown): unknown {
  return CREDENTIAL_NAME.test(name) && typeof value === "string" ? HIDDEN : redact(value);
}

function redact(value: unknown): unknown {
  if (typeof value === "string") return redactText(value);
  if (Array.isArray(value)) return value.map(redact);
  return isFields(value) ? redactFields(value) : value;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text with `scheme://user:password@`, credential-like query values and headers hidden; the login name of ssh stays. */
export function redactText(text: string): string {
  return text
    .replace(HEADER, `$1$2${HIDDEN}`)
    .replace(USER_INFO, (whole, scheme: string, userInfo: string) =>
      /^(git\+)?ssh:/i.test(scheme) && !userInfo.includes(":") ? whole : `${scheme}${HIDDEN}@`,
    )
    .replace(QUERY_VALUE, (whole, before: string, name: string) =>
      CREDENTIAL_NAME.test(name) ? `${before}${name}=${HIDDEN}` : whole,
    );
}
