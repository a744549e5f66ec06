import { canTransition, isResumable, type Session } from "@remote-claude/protocol";
import { useTheme } from "next-themes";
import { useEffect } from "react";
import { useSessionActions } from "../sessions/use-session-actions.ts";
import { openPalette, registerCommand, useCommand, useCommands } from "./commands.ts";
import { focusPane, goToQuestion, type Pane, setPaneVisible, useWorkbench } from "./store.ts";

function toggle(pane: Pane): void {
  if (useWorkbench.getState().visible[pane]) setPaneVisible(pane, false);
  else focusPane(pane);
}

/** The commands that belong to the frame; panes register their own. */
const frameCommands = [
  { id: "palette.open", title: "Show all commands", keys: "Mod+Shift+P", run: () => openPalette("commands") },
  {
    id: "files.go-to",
    title: "Go to file…",
    keys: "Mod+P",
    leaveToTerminal: true,
    run: () => openPalette("files"),
  },
  {
    id: "help.shortcuts",
    title: "Help: Keyboard shortcuts",
    keys: "Mod+Shift+/",
    run: () => useCommands.setState({ shortcuts: true }),
  },
  {
    id: "explorer.toggle",
    title: "View: Show or hide the explorer",
    keys: "Mod+B",
    leaveToTerminal: true,
    run: () => toggle("explorer"),
  },
  {
    id: "terminal.toggle",
    title: "View: Show or hide the terminal",
    keys: "Mod+J",
    leaveToTerminal: true,
    run: () => toggle("terminal"),
  },
  {
    id: "terminal.focus-or-hide",
    title: "View: Terminal",
    keys: "Ctrl+`",
    run: () => {
      const { visible, activePane } = useWorkbench.getState();
      if (visible.terminal && activePane === "terminal") {
        setPaneVisible("terminal", false);
        focusPane("editor");
      } else focusPane("terminal");
    },
  },
  {
    id: "claude.toggle",
    title: "View: Show or hide Claude",
    keys: "Mod+Alt+B",
    run: () => toggle("claude"),
  },
  {
    id: "explorer.focus",
    title: "View: Go to the explorer",
    keys: "Mod+Shift+E",
    run: () => focusPane("explorer"),
  },
  { id: "editor.focus", title: "View: Go to the editor", keys: "Mod+1", run: () => focusPane("editor") },
  {
    id: "claude.focus",
    title: "Claude: Write a message",
    keys: "Mod+I",
    leaveToTerminal: true,
    run: () => focusPane("claude"),
  },
  {
    id: "claude.question",
    title: "Claude: Go to the open question",
    keys: "Mod+Alt+A",
    run: goToQuestion,
  },
];

export function useWorkbenchCommands(session: Session): void {
  const actions = useSessionActions(session.id);
  const { resolvedTheme, setTheme } = useTheme();
  useEffect(() => {
    const ends = frameCommands.map(registerCommand);
    return () => {
      for (const end of ends) end();
    };
  }, []);
  useCommand({
    id: "sessions.open",
    title: "Sessions: Show all sessions",
    run: () => window.location.assign("/"),
  });
  useCommand({
    id: "settings.open",
    title: "Settings: Open",
    run: () => window.location.assign("/settings"),
  });
  useCommand({
    id: "theme.toggle",
    title: "View: Switch between light and dark",
    run: () => setTheme(resolvedTheme === "dark" ? "light" : "dark"),
  });
  useCommand({
    id: "session.stop-or-resume",
    title: isResumable(session.state) ? "Session: Resume" : "Session: Stop",
    run: () => {
      if (isResumable(session.state)) void actions.resume();
      else if (canTransition(session.state, "stopping")) void actions.stop();
    },
  });
  useCommand({
    id: "session.pause",
    title: "Session: Pause",
    run: () => {
      if (session.state === "running") void actions.pause();
    },
  });
}
