/** What is wrong with an input by its JSON Schema; `undefined` when nothing is. Compiled checks are kept as long as the schema lives. */
export async function inputProblem(schema: unknown, input: unknown): Promise<string | undefined> {
  if (typeof schema !== "object" || schema === null) return undefined;
  const { jsonSchemaProblem } = await import("./json-schema.ts");
  return jsonSchemaProblem(schema, input);
}
