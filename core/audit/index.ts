export { openAudit, type AuditLog } from "./audit-log.ts";
export { verifyAudit } from "./verify-audit.ts";
