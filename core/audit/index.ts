export { openAudit } from "./audit-log.ts";
export { verifyAudit } from "./verify-audit.ts";
