"use client";

import type { Terminal as TerminalInfo } from "@remote-claude/protocol";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { messageOf } from "../../lib/errors.ts";
import { toast } from "../../lib/toast.ts";
import { cn } from "../../lib/utils.ts";
import { TerminalController } from "./terminal-controller.ts";
import { terminalFonts } from "./xterm.ts";

interface TerminalViewProps {
  sessionId: string;
  info: TerminalInfo;
  active: boolean;
  writable: boolean;
  onRestart(): void;
  onFind(): void;
  onCtrlUsed(): void;
  /** The controller, once it is there; null when it ends. */
  onController(controller: TerminalController | null): void;
}

/** The screen of one terminal. It lives as long as its tab, shown or not. */
export function TerminalView(props: TerminalViewProps) {
  const { sessionId, info, active, writable } = props;
  const { terminalId } = info;
  const element = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const [controller, setController] = useState<TerminalController | null>(null);

  // Before a frame without it is drawn.
  useLayoutEffect(() => {
    let made: TerminalController | null = null;
    let ended = false;
    void terminalFonts().then(() => {
      if (ended || element.current === null) return;
      made = new TerminalController({
        sessionId,
        info: latest.current.info,
        element: element.current,
        writable,
        onRestart: () => latest.current.onRestart(),
        onFind: () => latest.current.onFind(),
        onCtrlUsed: () => latest.current.onCtrlUsed(),
        onError: (error) => toast.error(messageOf(error)),
      });
      setController(made);
      latest.current.onController(made);
    });
    return () => {
      ended = true;
      if (made === null) return;
      made.dispose();
      latest.current.onController(null);
      setController(null);
    };
  }, [sessionId, writable]);

  useEffect(() => controller?.setInfo(info), [controller, info]);
  useEffect(() => {
    if (active) controller?.fit();
  }, [controller, active]);

  return (
    <div
      className={cn(
        "absolute inset-0 overflow-hidden py-1 pr-0 pl-3",
        // Who only looks on has no say over the size: what is wider than the page can be scrolled to.
        !writable && "overflow-x-auto",
        !active && "invisible",
      )}
      inert={!active}
      role="tabpanel"
      id={`terminal-${terminalId}`}
      aria-label={info.title}
    >
      <div ref={element} className="size-full" data-terminal={terminalId} />
    </div>
  );
}
