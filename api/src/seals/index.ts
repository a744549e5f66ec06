export { type AuditRow, lineOf } from "./canonical.ts";
export { auditColumns } from "./rows.ts";
export { keepSealing } from "./tend.ts";
export { type Report, type VerifyOptions, verifyAudit } from "./verify.ts";
export type { Problem } from "./walk.ts";
