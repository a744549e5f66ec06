import { describe, expect, it } from "vitest";
import { toAppError } from "./system-errors.ts";

const failure = (code: string) => Object.assign(new Error(code), { code });

describe("a disk that takes nothing more", () => {
  it("is the session's own when it is full", () => {
    expect(toAppError(failure("ENOSPC"), "notes.txt")).toMatchObject({
      code: "quota_exceeded",
      message: "notes.txt: the session's disk is full",
    });
  });

  it("is the server's when the session's own has become read-only", () => {
    const error = toAppError(failure("EROFS"));
    expect(error).toMatchObject({
      code: "disk_full",
      message: expect.stringMatching(/server's disk is full/),
    });
  });
});
