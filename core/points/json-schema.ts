import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";

const OPTIONS = { strict: false, allErrors: false, validateFormats: false, logger: false } as const;
const draft7 = new Ajv(OPTIONS);
const draft2020 = new Ajv2020(OPTIONS);
const compiled = new WeakMap<object, ValidateFunction>();

/** The first thing that is wrong with a value by a JSON Schema of draft 7 or 2020-12; a schema that is none checks nothing. */
export function jsonSchemaProblem(schema: object, value: unknown): string | undefined {
  let validate = compiled.get(schema);
  if (validate === undefined) {
    validate = compile(schema);
    compiled.set(schema, validate);
  }
  if (validate(value)) return undefined;
  const error = validate.errors?.[0];
  const where = error?.instancePath === undefined || error.instancePath === "" ? "it" : `\`${error.instancePath}\``;
  const extra = error?.keyword === "additionalProperties" ? ` (\`${String(error.params["additionalProperty"])}\`)` : "";
  return `${where} ${error?.message ?? "is wrong"}${extra}`;
}

function compile(schema: object): ValidateFunction {
  const dialect = "$schema" in schema && String(schema.$schema).includes("2020-12") ? draft2020 : draft7;
  const { $id: _id, ...withoutId } = schema as Readonly<Record<string, unknown>>;
  return dialect.compile(withoutId);
}
