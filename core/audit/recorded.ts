import type { Audit, AuditRecord } from "../../plugin-api/service-contracts.ts";
import { isCodedError } from "../../schemas/errors.ts";

/**
 * Does what is written down first as `allowed`; where it fails, a second record says `failed`, with the code of the error. Throws what it
 * throws.
 */
export async function recorded<T>(
  audit: Pick<Audit, "append">,
  record: Omit<AuditRecord, "outcome">,
  work: () => T | Promise<T>,
): Promise<T> {
  audit.append({ ...record, outcome: "allowed" });
  try {
    return await work();
  } catch (error) {
    const code = isCodedError(error) ? { code: error.code } : {};
    audit.append({ ...record, outcome: "failed", detail: { ...record.detail, ...code } });
    throw error;
  }
}
