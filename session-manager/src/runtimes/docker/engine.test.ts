import { AppError } from "@remote-claude/protocol";
import { expect, it } from "vitest";
import { engineCall, explain } from "./engine.ts";

const answered = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode });

it.each([
  [answered(500, "mkdir /var/lib/docker/overlay2/x: no space left on device"), "disk_full"],
  [answered(500, "write /sys/fs/x: disk quota exceeded"), "disk_full"],
  [answered(404, "No such image: remote-claude/session:latest"), "image_missing"],
  [answered(400, "unknown or invalid runtime name: runsc"), "unavailable"],
  [Object.assign(new Error("connect ENOENT"), { code: "ENOENT" }), "engine_unavailable"],
  [Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }), "engine_unavailable"],
])("calls %s by its name: %s", (thrown, code) => {
  expect(explain(thrown, "remote-claude/session")).toMatchObject({ code });
});

it("leaves alone what is named already, and what nobody foresaw", async () => {
  const named = new AppError("conflict", "The place is paused.");
  const strange = answered(500, "something else");
  expect(explain(named)).toBe(named);
  expect(explain(strange)).toBe(strange);
  await expect(engineCall(() => Promise.reject(strange))).rejects.toBe(strange);
});
