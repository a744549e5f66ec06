import * as z from "zod";
import { Id, Time, WorkspacePath } from "../ids.ts";
import { RecordingMode } from "../organisation-settings.ts";
import { OutputData } from "../output-data.ts";
import { command, event } from "./message.ts";

export const TerminalSize = z.object({
  cols: z.int().min(2).max(1000),
  rows: z.int().min(1).max(1000),
});

export const Terminal = TerminalSize.extend({
  terminalId: Id,
  title: z.string().max(200),
  createdAt: Time,
  /** Bytes the terminal has put out since it was opened. */
  endOffset: z.int().nonnegative(),
  /** null while the shell runs. */
  exitCode: z.int().nullable(),
  /** What is being recorded of it; absent from agents of before. */
  recorded: RecordingMode.optional(),
});
export type Terminal = z.infer<typeof Terminal>;

export const terminalCreate = command("terminal.create", {
  to: "agent",
  needs: "session.use",
  scope: "terminals:write",
  /** With an id of the sender's own, the audit record says which terminal it was. */
  payload: TerminalSize.extend({ cwd: WorkspacePath.optional(), terminalId: Id.optional() }),
  reply: z.object({ terminal: Terminal }),
  audit: { action: "terminal.opened", details: ["cwd", "terminalId"] },
});

export const terminalList = command("terminal.list", {
  to: "agent",
  needs: "session.view",
  scope: "terminals:read",
  payload: z.object({}),
  reply: z.object({ terminals: z.array(Terminal) }),
});

/**
 * Starts `terminal.output` for this client. `after` is the offset up to which the client has everything (0 for
 * a new one). If the ring still holds that offset, output continues exactly there. If not, `snapshot` is the
 * screen as escape sequences and output goes on at `offset`; `gap` says how many bytes were left out.
 * Attaching again replaces the client's reader.
 */
export const terminalAttach = command("terminal.attach", {
  to: "agent",
  needs: "session.view",
  scope: "terminals:read",
  payload: z.object({ terminalId: Id, after: z.int().nonnegative() }),
  reply: z.object({
    terminal: Terminal,
    offset: z.int().nonnegative(),
    gap: z.int().nonnegative(),
    snapshot: z.string().nullable(),
  }),
});

export const terminalDetach = command("terminal.detach", {
  to: "agent",
  needs: "session.view",
  scope: "terminals:read",
  payload: z.object({ terminalId: Id }),
  reply: z.object({}),
});

/**
 * Keystrokes. `writer` names one page's stream and `sequence` counts its inputs from 1: the agent drops what it
 * has already written, so a client that lost its connection sends again what was not answered.
 */
export const terminalInput = command("terminal.input", {
  to: "agent",
  needs: "session.use",
  scope: "terminals:write",
  payload: z.object({
    terminalId: Id,
    writer: Id,
    sequence: z.int().positive(),
    data: z.string().max(1_048_576),
  }),
  reply: z.object({}),
});

export const terminalResize = command("terminal.resize", {
  to: "agent",
  needs: "session.use",
  scope: "terminals:write",
  payload: TerminalSize.extend({ terminalId: Id }),
  reply: z.object({}),
});

/** The client has consumed output up to `offset`: flow control (DESIGN.md: a reader 1 MiB behind pauses the pty). */
export const terminalAcknowledge = command("terminal.acknowledge", {
  to: "agent",
  needs: "session.view",
  scope: "terminals:read",
  payload: z.object({ terminalId: Id, offset: z.int().nonnegative() }),
  reply: z.object({}),
});

export const terminalRename = command("terminal.rename", {
  to: "agent",
  needs: "session.use",
  scope: "terminals:write",
  payload: z.object({ terminalId: Id, title: z.string().min(1).max(200) }),
  reply: z.object({}),
});

/** Ends the shell (SIGHUP, then SIGKILL) and forgets the terminal. */
export const terminalClose = command("terminal.close", {
  to: "agent",
  needs: "session.use",
  scope: "terminals:write",
  payload: z.object({ terminalId: Id }),
  reply: z.object({}),
  audit: { action: "terminal.closed", details: ["terminalId"] },
});

/** Bytes `offset` … `offset + data.length` of the terminal's output. */
export const terminalOutput = event("terminal.output", {
  from: "agent",
  keep: "none",
  reach: "client",
  payload: z.object({ terminalId: Id, offset: z.int().nonnegative(), data: OutputData }),
});

/** The reader fell behind the ring while attached: attach again with `after: 0` to get a snapshot. */
export const terminalOverrun = event("terminal.overrun", {
  from: "agent",
  keep: "none",
  reach: "client",
  payload: z.object({ terminalId: Id }),
});

/** Opened, renamed, resized or exited. */
export const terminalChanged = event("terminal.changed", {
  from: "agent",
  keep: "none",
  reach: "session",
  payload: z.object({ terminal: Terminal }),
});

export const terminalClosed = event("terminal.closed", {
  from: "agent",
  keep: "none",
  reach: "session",
  payload: z.object({ terminalId: Id }),
});
