"use client";

import { SquareTerminalIcon } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { useCommand } from "../commands.ts";
import { PaneSkeleton } from "../pane-skeleton.tsx";
import { registerFocus } from "../store.ts";
import { useIsPhone } from "../use-is-phone.ts";
import { FindBox } from "./find-box.tsx";
import { KeyRow } from "./key-row.tsx";
import type { TerminalController } from "./terminal-controller.ts";
import { TerminalMenu } from "./terminal-menu.tsx";
import { TerminalTabs } from "./terminal-tabs.tsx";
import { TerminalView } from "./terminal-view.tsx";
import { type Terminals, useTerminals } from "./use-terminals.ts";
import { terminalFonts } from "./xterm.ts";

// Fetched with the panel's own code, not with the first terminal.
if (typeof window !== "undefined") void terminalFonts();

function Nothing({ terminals }: { terminals: Terminals }) {
  const { list, writable, reachable } = terminals;
  const text =
    list.lost > 0
      ? `The session was started again; ${list.lost === 1 ? "its terminal has" : `its ${list.lost} terminals have`} ended.`
      : writable
        ? "No terminal is open."
        : "No terminal is open, and you may only look at this session.";
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-3 text-muted-foreground">
      <p role="status">{text}</p>
      {writable && (
        <Button disabled={!reachable} onClick={() => void terminals.create()}>
          <SquareTerminalIcon /> Open a terminal
        </Button>
      )}
    </div>
  );
}

/** What the keyboard and the palette can do with terminals. */
function useTerminalCommands(
  terminals: Terminals,
  controller: () => TerminalController | null,
  on: { find(): void; rename(terminalId: string): void },
): void {
  const { list } = terminals;
  const step = (by: number) => {
    const at = list.terminals.findIndex(({ terminalId }) => terminalId === list.activeId);
    const next = list.terminals.at((at + by) % Math.max(1, list.terminals.length));
    if (next !== undefined) terminals.activate(next.terminalId);
  };
  const withActive = (act: (terminalId: string) => void) => () => {
    if (list.activeId !== null) act(list.activeId);
  };
  useCommand({
    id: "terminal.create",
    title: "Terminal: New terminal",
    keys: "Ctrl+Shift+`",
    run: terminals.create,
  });
  useCommand({
    id: "terminal.close",
    title: "Terminal: Close",
    run: withActive((id) => void terminals.close(id)),
  });
  useCommand({ id: "terminal.rename", title: "Terminal: Rename…", run: withActive(on.rename) });
  useCommand({ id: "terminal.clear", title: "Terminal: Clear", run: () => controller()?.clear() });
  useCommand({ id: "terminal.find", title: "Terminal: Find…", run: on.find });
  useCommand({ id: "terminal.next", title: "Terminal: Next", run: () => step(1) });
  useCommand({ id: "terminal.previous", title: "Terminal: Previous", run: () => step(-1) });
}

/** What the workbench shows in the landmark "Terminal", which its frame draws. */
export function TerminalPanel({ sessionId }: { sessionId: string }) {
  const terminals = useTerminals(sessionId);
  const { list, writable } = terminals;
  const phone = useIsPhone() === true;
  const controllers = useRef(new Map<string, TerminalController>());
  const [, drawAgain] = useState(0);
  const [finding, setFinding] = useState(false);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [ctrl, setCtrl] = useState(false);
  const active = list.activeId;
  const controller = active === null ? null : (controllers.current.get(active) ?? null);
  const controllerNow = useRef(controller);
  controllerNow.current = controller;
  const wantsFocus = useRef(false);

  useEffect(() => {
    const forget = () => {
      wantsFocus.current = false;
    };
    return registerFocus("terminal", () => {
      controllerNow.current?.focus();
      wantsFocus.current = controllerNow.current === null;
      // Until the terminal is there, somebody may have gone elsewhere.
      if (wantsFocus.current) document.addEventListener("focusin", forget, { once: true });
    });
  }, []);
  // Whoever opens or chooses a terminal wants to type into it, but not who just opened the page.
  const shownBefore = useRef<string | null>(null);
  useEffect(() => {
    if (controller === null) return;
    if (wantsFocus.current || (shownBefore.current !== null && shownBefore.current !== active))
      controller.focus();
    wantsFocus.current = false;
    shownBefore.current = active;
  }, [controller, active]);
  useTerminalCommands(terminals, () => controllerNow.current, {
    find: () => setFinding(true),
    rename: setRenaming,
  });

  return (
    <div className="flex size-full flex-col">
      <TerminalTabs terminals={terminals} renaming={renaming} onRename={setRenaming} />
      <TerminalMenu controller={controller} writable={writable} onFind={() => setFinding(true)}>
        <div className="relative min-h-0 flex-1">
          {!list.loaded && <PaneSkeleton label="Terminal" />}
          {list.loaded && list.terminals.length === 0 && <Nothing terminals={terminals} />}
          {list.terminals.map((info) => (
            <TerminalView
              key={info.terminalId}
              sessionId={sessionId}
              info={info}
              active={info.terminalId === active}
              writable={writable}
              onRestart={() => void terminals.restart(info.terminalId)}
              onFind={() => setFinding(true)}
              onCtrlUsed={() => setCtrl(false)}
              onController={(made) => {
                if (made === null) controllers.current.delete(info.terminalId);
                else controllers.current.set(info.terminalId, made);
                drawAgain((count) => count + 1);
              }}
            />
          ))}
          {finding && controller !== null && (
            <FindBox key={active} controller={controller} onClose={() => setFinding(false)} />
          )}
        </div>
      </TerminalMenu>
      {phone && writable && <KeyRow controller={controller} ctrl={ctrl} onCtrl={setCtrl} />}
    </div>
  );
}
