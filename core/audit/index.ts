export { openAudit } from "./audit-log.ts";
export { exportAudit, queryAudit, type AuditQuery, type FoundRecord } from "./query-audit.ts";
export { pruneAudit } from "./prune-audit.ts";
export { verifyAudit, type OutsideAnchor, type Pruning } from "./verify-audit.ts";
