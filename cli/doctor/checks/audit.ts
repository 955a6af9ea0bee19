import { verifyAudit } from "../../../core/audit/index.ts";
import { newestReadable } from "../../../marketplace/doctor/readable.ts";
import type { Check } from "../../../marketplace/doctor/finding.ts";

/** The log: whether somebody changed it after it was written. */
export const audit: Check = {
  name: "audit",
  find: ({ services: { home } }) =>
    verifyAudit(home.audit, newestReadable(home)?.audit ?? [])
      // A segment without an end is one of a process that runs, this one among them, or that was killed.
      .filter(({ code }) => code !== "W_AUDIT_UNSEALED")
      .map((diagnostic) => ({ ...diagnostic, check: "audit" })),
};
