export type { ConversationChange } from "./conversation-fold.ts";
export { createRecorder, type Recorder } from "./recorder.ts";
