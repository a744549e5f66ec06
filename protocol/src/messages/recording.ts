import * as z from "zod";
import { Bytes, Id, Time } from "../ids.ts";
import { RecordingMode } from "../organisation-settings.ts";
import { command } from "./message.ts";
import { TerminalSize } from "./terminal.ts";

/** A terminal that is to be recorded: an open one, or a closed one that is not read to its end. */
export const RecordedTerminal = TerminalSize.extend({
  terminalId: Id,
  title: z.string().max(200),
  createdAt: Time,
});
export type RecordedTerminal = z.infer<typeof RecordedTerminal>;

/** Milliseconds since 1970, by the agent's clock. */
const Moment = z.int().nonnegative();

/**
 * Something between the bytes of a terminal's output: it happened when `offset` of them were out. Numbered from 1
 * for each terminal. `cols` and `rows` are a new size; `input` is what somebody typed, null where it was a secret.
 */
export const RecordingEvent = z.object({
  seq: z.int().positive(),
  offset: z.int().nonnegative(),
  at: Moment,
  size: TerminalSize.nullable(),
  input: z.string().nullable(),
});
export type RecordingEvent = z.infer<typeof RecordingEvent>;

/** From now on, terminals are recorded like this, new ones from their first byte. Answers with those there are. */
export const recordingFollow = command("recording.follow", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({ mode: RecordingMode }),
  reply: z.object({ terminals: z.array(RecordedTerminal).max(200) }),
});

/**
 * The output after `after`, and the events after `afterEvent`: what comes before is stored, and the agent may forget
 * it. Answered when it is worth it: at once for much, a second after the first byte for little, empty if nothing
 * comes for long.
 */
export const recordingRead = command("recording.read", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({
    terminalId: Id,
    after: z.int().nonnegative(),
    afterEvent: z.int().nonnegative(),
  }),
  reply: z.object({
    /** Where `data` begins: beyond `after` when the agent no longer has what lies between. */
    offset: z.int().nonnegative(),
    data: Bytes,
    /** When bytes came out: from this offset on, at this moment. In order; the first is for the first byte. */
    marks: z.array(z.tuple([z.int().nonnegative(), Moment])).max(20_000),
    events: z.array(RecordingEvent).max(20_000),
    /** `ended`: nothing follows, ever. `off`: it is not recorded (any more). */
    state: z.enum(["open", "ended", "off"]),
  }),
});

/** This terminal is not recorded any further. */
export const recordingStop = command("recording.stop", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({ terminalId: Id }),
  reply: z.object({}),
});
