import { expect, it } from "vitest";
import { Ring } from "./ring.ts";
import { Screen } from "./screen.ts";

const capacity = 4 * 1024 * 1024;

function feed(ring: Ring, screen: Screen, text: string): void {
  const bytes = Buffer.from(text);
  screen.beforeAppend(bytes.length, capacity);
  ring.append(bytes);
}

it("draws the end of a flood, in the modes and the size that were set before it", async () => {
  const ring = new Ring(capacity);
  const screen = new Screen(ring, 80, 24);
  feed(ring, screen, "\x1b[?2004h\x1b[?1h");
  screen.resize(40, 10);
  const line = `${"x".repeat(99)}\r\n`;
  for (let count = 0; count < 1_000; count++) feed(ring, screen, line.repeat(100));
  feed(ring, screen, "the \x1b[1mend\r\n\x1b[999C@");
  const snapshot = await screen.snapshot(ring.end);
  expect(snapshot).toContain("the ");
  expect(snapshot).toContain("\x1b[?2004h");
  expect(snapshot).toContain("\x1b[?1h");
  // The last column is the fortieth.
  expect(snapshot).toContain("\x1b[39C@");
  screen.dispose();
});

it("draws slow output whole, however much came before", async () => {
  const ring = new Ring(capacity);
  const screen = new Screen(ring, 80, 24);
  feed(ring, screen, "x".repeat(3.5 * 1024 * 1024));
  feed(ring, screen, "\x1b[2J\x1b[Htop left\x1b[10;5Hmiddle");
  // Far more than the ring holds, all of it in one corner.
  for (let count = 0; count < 4; count++) feed(ring, screen, "\x1b[24;80H*".repeat(1_000));
  const snapshot = await screen.snapshot(ring.end);
  expect(snapshot).toContain("top left");
  expect(snapshot).toContain("middle");
  screen.dispose();
});
