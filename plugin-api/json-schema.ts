/** A JSON Schema document. */
export type JsonSchema = Readonly<Record<string, unknown>>;
