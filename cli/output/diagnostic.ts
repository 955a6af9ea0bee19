import * as z from "zod";
import type { Diagnostic, DiagnosticCode } from "../../schemas/diagnostic.ts";
import { ERROR_CODES, type ErrorCode } from "../../schemas/errors.ts";
import type { Provenance } from "../../schemas/plugin-manifest.ts";

/** `file:line:column` in parts. */
export const provenanceShape: z.ZodType<Provenance> = z
  .strictObject({ file: z.string(), line: z.int().min(1).optional(), column: z.int().min(1).optional() })
  .meta({ id: "provenance", description: "Where a fact was read; line and column count from 1" });

// Keys of a literal object.
const errorCodes = Object.keys(ERROR_CODES) as readonly ErrorCode[];

/** One of the codes in docs/errors.md that can end a verb. */
export const errorCodeShape: z.ZodType<ErrorCode> = z
  .literal(errorCodes)
  .meta({ id: "errorCode", description: "Explained in docs/errors.md" });

const diagnosticCodeShape: z.ZodType<DiagnosticCode> = z.union([
  errorCodeShape,
  z.templateLiteral(["W_", z.string()]),
  z.templateLiteral(["I_", z.string()]),
  z.templateLiteral(["A_", z.string()]),
]);

const members = {
  code: diagnosticCodeShape,
  severity: z.enum(["error", "warning", "info", "advice"]),
  message: z.string(),
  file: z.string().optional(),
  line: z.int().min(1).optional(),
  column: z.int().min(1).optional(),
  hint: z.string().optional(),
  dropped: z.string().optional().describe("What was dropped because of it, e.g. `skill`"),
};

/** A located finding about somebody's file. */
export const diagnosticShape: z.ZodType<Diagnostic> = z.strictObject(members).meta({ id: "diagnostic" });

/** A finding that may belong to one plugin of several. */
export const pluginDiagnosticShape: z.ZodType<Diagnostic & { readonly id?: string | undefined }> = z
  .strictObject({ ...members, id: z.string().optional() })
  .meta({ id: "pluginDiagnostic" });

/** One thing that is wrong with a home. */
export const findingShape: z.ZodType = z.strictObject({
  ...members,
  check: z.string().describe("Name of the check that found it"),
  root: z.string().optional().describe("`user`, or the real path of the project"),
  plugin: z.string().optional(),
  repair: z.string().optional().describe("What `--fix` does about it"),
});
