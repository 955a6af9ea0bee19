import * as z from "zod";
import { errorCodeShape } from "./diagnostic.ts";

/** Why a verb ended early. */
export const failureShape: z.ZodType = z
  .strictObject({
    code: errorCodeShape,
    message: z.string().describe("Several lines when there are several reasons"),
    hint: z.string().optional(),
    where: z.string().optional().describe("file[:line[:column]]"),
    data: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("Facts of this code, e.g. for `E_TRUST` the digest `accept` and the plugins `items`"),
  })
  .meta({ id: "failure" });
