import { expect, it } from "vitest";
import { roomAbove } from "./use-room-above-keyboard.ts";

it("is what a keyboard leaves, wherever the browser has scrolled it to", () => {
  expect(roomAbove({ height: 508, offsetTop: 120, scale: 1 }, 844)).toEqual({
    top: 120,
    height: 508,
    bottom: "auto",
  });
});

it("is the whole page while no keyboard is there, and while somebody zooms", () => {
  expect(roomAbove({ height: 844, offsetTop: 0, scale: 1 }, 844)).toBeUndefined();
  expect(roomAbove({ height: 422, offsetTop: 100, scale: 2 }, 844)).toBeUndefined();
});
