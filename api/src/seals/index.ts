export { type AuditRow, lineOf } from "./canonical.ts";
export { closeBatch } from "./close-batch.ts";
export { isIncluded, leafHash } from "./merkle.ts";
export { type Proof, proofOf } from "./proof.ts";
export { auditColumns } from "./rows.ts";
export { keepSealing } from "./tend.ts";
export { type Report, type VerifyOptions, verifyAudit } from "./verify.ts";
export type { Problem } from "./walk.ts";
