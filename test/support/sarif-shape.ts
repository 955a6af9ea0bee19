import * as z from "zod";

const text = z.strictObject({ text: z.string().min(1) });

/** The part of SARIF 2.1.0 (OASIS, sections 3.13 to 3.30) that we write, strictly: a member of another name is refused. */
export const sarifShape: z.ZodType = z.strictObject({
  $schema: z.url(),
  version: z.literal("2.1.0"),
  runs: z
    .array(
      z.strictObject({
        tool: z.strictObject({
          driver: z.strictObject({
            name: z.string().min(1),
            semanticVersion: z.string().regex(/^\d+\.\d+\.\d+/u),
            rules: z.array(z.strictObject({ id: z.string().min(1), shortDescription: text })),
          }),
        }),
        columnKind: z.enum(["utf16CodeUnits", "unicodeCodePoints"]),
        results: z.array(
          z.strictObject({
            ruleId: z.string().min(1),
            ruleIndex: z.int().min(0),
            level: z.enum(["none", "note", "warning", "error"]),
            message: text,
            locations: z
              .array(
                z.strictObject({
                  physicalLocation: z.strictObject({
                    artifactLocation: z.strictObject({ uri: z.string().regex(/^[^\\\s/][^\\\s]*$/u) }),
                    region: z
                      .strictObject({ startLine: z.int().min(1), startColumn: z.int().min(1).optional() })
                      .optional(),
                  }),
                }),
              )
              .min(1),
            partialFingerprints: z.record(z.string(), z.string().min(1)),
          }),
        ),
      }),
    )
    .length(1),
});
