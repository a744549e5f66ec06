import { expect } from "vitest";
import type { Client, Live } from "./client.ts";
import { openTerminal } from "./open-terminal.ts";

/**
 * Freezes a session while a program in a terminal counts, and lets it go on: the program goes on where it was, and no
 * number of it is lost or doubled. `assertFrozen` looks at it from outside.
 */
export async function survivePause(
  { client, live, sessionId }: { client: Client; live: Live; sessionId: string },
  assertFrozen: () => Promise<void>,
): Promise<void> {
  const terminal = await openTerminal(live, sessionId);
  await terminal.type(
    "for i in $(seq 100000); do echo n$i; [ $((i % 50)) = 0 ] && sleep 0.02; done; echo E''ND\r",
  );
  await terminal.until(/n500\r\n/);
  const path = `/api/sessions/${sessionId}`;
  const { session } = await client.call<{ session: { state: string } }>("POST", `${path}/pause`);
  expect(session.state).toBe("paused");
  await assertFrozen();
  await client.call("POST", `${path}/resume`);
  await client.untilState(sessionId, "running");
  await terminal.attach();
  await terminal.until(/n2000\r\n/);
  await terminal.type("\x03");
  await terminal.until(/\^C/);
  const numbers = [...terminal.text.matchAll(/^n(\d+)\r?$/gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect(terminal.faults).toEqual([]);
  expect(terminal.text).not.toMatch(/Stopped/);
  await terminal.type("echo alive-$((1+1))\r");
  await terminal.until(/alive-2\r\n/);
}
