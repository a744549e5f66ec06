export { type ConversationChange, titleOf } from "./conversation-fold.ts";
export { createRecorder, type Recorder } from "./recorder.ts";
