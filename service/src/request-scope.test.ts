import { expect, it } from "vitest";
import {
  currentRequestId,
  inRequest,
  outsideRequests,
  requestIdFrom,
  requestMixin,
} from "./request-scope.ts";

it("knows a request through everything that it sets going, and no longer", async () => {
  expect(requestMixin()).toEqual({});
  const later = inRequest("request-one", async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return [currentRequestId(), outsideRequests(currentRequestId), requestMixin()];
  });
  const named = { bindings: () => ({ requestId: "its own" }) };
  expect(inRequest("request-one", () => requestMixin({}, 30, named))).toEqual({});
  const other = inRequest("request-two", async () => currentRequestId());
  expect(await later).toEqual(["request-one", undefined, { requestId: "request-one" }]);
  expect(await other).toBe("request-two");
  expect(currentRequestId()).toBeUndefined();
});

it("takes over an id that can break nothing, and no other", () => {
  expect(requestIdFrom("0123-abc_DEF.9")).toBe("0123-abc_DEF.9");
  for (const given of [undefined, "short", "two words", "line\nbreak", "x".repeat(101), ["a-list-of-ids"]])
    expect(requestIdFrom(given)).toMatch(/^[0-9a-f-]{36}$/);
});
