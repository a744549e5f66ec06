import { closeShownReview } from "../changes/changes-store.ts";
import { useCommand } from "../commands.ts";
import type { EditorSession } from "./editor-session.ts";

/** What the keyboard and the palette can do with open files. */
export function useEditorCommands(editor: EditorSession): void {
  const withActive = (act: (path: string, paths: readonly string[]) => unknown) => () => {
    const { active, paths } = editor.store.getState().tabs;
    if (active !== null) act(active, paths);
  };
  const step = (by: number) =>
    withActive((active, paths) => {
      const next = paths[(paths.indexOf(active) + by + paths.length) % paths.length];
      if (next !== undefined) editor.activate(next);
    });
  useCommand({
    id: "editor.save",
    title: "File: Save",
    keys: "Mod+S",
    leaveToTerminal: true,
    run: withActive((path) => editor.documents.save(path)),
  });
  useCommand({
    id: "editor.save-all",
    title: "File: Save all",
    keys: "Mod+Alt+S",
    run: () => editor.saveAll(),
  });
  useCommand({
    id: "editor.close",
    title: "File: Close",
    keys: "Alt+W",
    leaveToTerminal: true,
    run: () => {
      if (!closeShownReview()) withActive((path) => editor.close([path]))();
    },
  });
  useCommand({
    id: "editor.close-others",
    title: "File: Close others",
    run: withActive((path, paths) => editor.close(paths.filter((other) => other !== path))),
  });
  useCommand({
    id: "editor.close-all",
    title: "File: Close all",
    run: withActive((_, paths) => editor.close(paths)),
  });
  useCommand({
    id: "editor.compare",
    title: "File: Compare with the version on disk",
    run: withActive((path) => editor.compare(path)),
  });
  useCommand({
    id: "editor.next",
    title: "View: Next file",
    keys: "Alt+PageDown",
    run: step(1),
  });
  useCommand({
    id: "editor.previous",
    title: "View: Previous file",
    keys: "Alt+PageUp",
    run: step(-1),
  });
  useCommand({
    id: "editor.word-wrap",
    title: "View: Wrap long lines, or not",
    keys: "Alt+Z",
    leaveToTerminal: true,
    run: () => editor.store.setState(({ wordWrap }) => ({ wordWrap: !wordWrap })),
  });
}
