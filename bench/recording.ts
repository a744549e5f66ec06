import { setTimeout as delay } from "node:timers/promises";
import type { OrganisationSettings, RecordingMode } from "@remote-claude/protocol";
import type { Live } from "../e2e/testing/client.ts";
import type { Figure } from "./lib/report.ts";
import { rounds } from "./lib/rounds.ts";
import { openStage, type Stage, withSession } from "./lib/stage.ts";
import { median } from "./lib/statistics.ts";
import { openProductTerminal, prepareShell } from "./lib/terminals.ts";
import { echoes, startEchoing } from "./terminal-echo.ts";
import { flood, floods } from "./terminal-flood.ts";

async function setRecording({ client }: Stage, terminalRecording: RecordingMode): Promise<void> {
  const { settings } = await client.call<{ settings: OrganisationSettings }>("GET", "/api/settings");
  await client.call("PUT", "/api/settings", { ...settings, terminalRecording });
}

/** A new terminal that is recorded like this, with its shell ready. */
async function openRecorded(stage: Stage, live: Live, sessionId: string, mode: RecordingMode) {
  await setRecording(stage, mode);
  for (let tries = 0; tries < 50; tries += 1) {
    const terminal = await openProductTerminal(live, sessionId);
    const { terminals } = await live.command("terminal.list", sessionId, {});
    const found = terminals.find(({ terminalId }) => terminalId === terminal.terminalId);
    if ((found?.recorded ?? "off") === mode) {
      await prepareShell(terminal);
      return terminal;
    }
    // The session has not heard of it yet.
    terminal.close();
    await delay(200);
  }
  throw new Error(`no terminal became one that is recorded as ${mode}`);
}

/** What recording costs a terminal: the same terminal recorded and not, in turns. */
export async function run(): Promise<Figure[]> {
  const stage = await openStage();
  try {
    return await withSession(stage, async ({ id }, live) => {
      const flooded = (mode: RecordingMode) => async () => {
        const terminal = await openRecorded(stage, live, id, mode);
        const megabytesPerSecond = await flood(terminal, floods[0]);
        terminal.close();
        return megabytesPerSecond;
      };
      const typed = (mode: RecordingMode) => async () => {
        const terminal = await openRecorded(stage, live, id, mode);
        await startEchoing(terminal);
        const times = await echoes(terminal);
        terminal.close();
        return median(times);
      };
      // The client in this process is cold at first.
      await typed("off")();
      const speed = await rounds(5, flooded("output"), flooded("off"));
      const echo = await rounds(5, typed("output"), typed("off"));
      return [
        {
          what: "flood, 50 MB of base64, recorded (floor: not recorded)",
          unit: "MB/s",
          ours: median(speed.ours),
          floor: median(speed.floor),
          budget: null,
        },
        {
          what: "keystroke → echo, recorded, p50 (floor: not recorded)",
          unit: "ms",
          ours: median(echo.ours),
          floor: median(echo.floor),
          budget: null,
        },
      ];
    });
  } finally {
    await stage.close();
  }
}
