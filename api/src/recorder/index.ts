export { type ConversationChange, titleOf } from "./conversation-fold.ts";
export { leaseExpiresAfterMs } from "./lease.ts";
export { createRecorder, type Recorder } from "./recorder.ts";
