export { type ConversationChange, titleOf } from "./conversation-fold.ts";
export { holdsLease, leaseExpiresAfterMs } from "./lease.ts";
export { createRecorder, type Recorder } from "./recorder.ts";
export type { Lease } from "./session-recorder.ts";
