/** `sha256-` and 64 lower-case hex digits. */
export type Digest = `sha256-${string}`;

/** Whether a text is a digest. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && /^sha256-[0-9a-f]{64}$/.test(text);
}
