import { describe, expect, it } from "vitest";
import {
  type DocumentEvent,
  followsDisk,
  nextDocumentState,
  openedDocument,
  saveCondition,
} from "./document-state.ts";

const after = (...events: DocumentEvent[]) => events.reduce(nextDocumentState, openedDocument("v1"));
const edited = { kind: "edited", dirty: true } as const;

describe("an open file", () => {
  it("follows the disk while it is clean, and not while it is edited or being saved", () => {
    expect(followsDisk(after())).toBe(true);
    expect(followsDisk(after(edited))).toBe(false);
    expect(followsDisk(after({ kind: "save-started" }))).toBe(false);
  });

  it("saves over the version it began with", () => {
    expect(saveCondition(after(edited))).toEqual({ "If-Match": "v1" });
  });

  it("stays edited when the disk changes, and its next save still names the old version", () => {
    const state = after(edited, { kind: "disk-changed", etag: "v2" });
    expect(state).toMatchObject({ dirty: true, conflict: "changed", disk: "v2" });
    expect(saveCondition(state)).toEqual({ "If-Match": "v1" });
  });

  it("writes over another version only after someone said so, and only over the one they were told of", () => {
    const refused = after(edited, { kind: "save-started" }, { kind: "save-refused", etag: "v2" });
    expect(refused).toMatchObject({ conflict: "refused", saving: false, dirty: true });
    const kept = nextDocumentState(refused, { kind: "kept" });
    expect(saveCondition(kept)).toEqual({ "If-Match": "v2" });
    expect(kept).toMatchObject({ conflict: "none", dirty: true });
  });

  it("has no conflict any more when the disk goes back to the version it began with", () => {
    const state = after(edited, { kind: "disk-changed", etag: "v2" }, { kind: "disk-changed", etag: "v1" });
    expect(state.conflict).toBe("none");
  });

  it("is clean with the version it took", () => {
    const state = after(edited, { kind: "disk-changed", etag: "v2" }, { kind: "taken", etag: "v2" });
    expect(state).toEqual(openedDocument("v2"));
  });

  it("is still edited when one went on typing during the save", () => {
    const state = after(edited, { kind: "save-started" }, { kind: "saved", etag: "v2", dirty: true });
    expect(state).toMatchObject({ base: "v2", dirty: true, saving: false });
  });

  it("that was deleted is made again, but not over one that someone else has made meanwhile", () => {
    expect(saveCondition(after(edited, { kind: "disk-deleted" }))).toEqual({ "If-None-Match": "*" });
    const made = after(edited, { kind: "disk-deleted" }, { kind: "save-refused", etag: "v3" });
    expect(made).toMatchObject({ conflict: "refused", deleted: false, disk: "v3" });
  });
});
