export type { ErrorAnswer, Piece, Script, Step, Usage } from "./script.ts";
export { type RecordedRequest, ScriptedModel } from "./server.ts";
