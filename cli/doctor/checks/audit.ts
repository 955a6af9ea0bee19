import { verifyAudit } from "../../../core/audit/index.ts";
import { readableGenerations } from "../../../marketplace/doctor/readable.ts";
import type { Check } from "../../../marketplace/doctor/finding.ts";
import { generationAnchors } from "../../audit/generation-anchors.ts";

/** The log: whether somebody changed it after it was written. */
export const audit: Check = {
  name: "audit",
  find: ({ services: { home } }) =>
    verifyAudit(home.audit, generationAnchors(readableGenerations(home)))
      // A segment without an end is one of a process that was killed.
      .diagnostics.filter(({ code }) => code !== "W_AUDIT_UNSEALED")
      .map((diagnostic) => ({ ...diagnostic, check: "audit" })),
};
