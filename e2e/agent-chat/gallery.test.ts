import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { ApiEnd } from "./testing/api-end.ts";
import {
  furnish,
  offeredTools,
  openConversation,
  playTurn,
  recordedTools,
  scriptOf,
  scriptPathOf,
  writeGallery,
} from "./testing/gallery.ts";
import { SessionPlace } from "./testing/session-place.ts";

vi.setConfig({ testTimeout: 300_000 });
const place = new SessionPlace();
let api: ApiEnd;
let conversationId: string;

beforeAll(async () => {
  furnish(place);
  await place.start();
  ({ api, conversationId } = await openConversation(place));
  await playTurn(api, conversationId, "[[script:hello]]");
});
afterAll(() => place.dispose());

/** The same tool, by the name under which the model calls it. */
const calledAs = (tool: string) => (tool === "Task" ? "Agent" : tool);

it("has a script and a recording for every tool that this Claude Code offers", () => {
  const offered = offeredTools(api);
  expect(offered).toContain("Bash");
  expect(offered.filter((tool) => !existsSync(scriptPathOf(tool)))).toEqual([]);
  // A new Claude Code offers others: record anew with RECORD_GALLERY=1, and look at how each is drawn.
  const recorded = recordedTools();
  expect(offered.filter((tool) => !recorded.has(calledAs(tool)))).toEqual([]);
});

it("records every tool once", async ({ skip }) => {
  skip(!process.env.RECORD_GALLERY, "only with RECORD_GALLERY=1, which writes the recordings anew");
  for (const tool of offeredTools(api)) await playTurn(api, conversationId, `[[script:${scriptOf(tool)}]]`);
  writeGallery(place, api.entries);
});
