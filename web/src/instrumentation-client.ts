// The page's policy forbids the evaluation that zod would try, and the error, though caught, costs a parse of the script.
(globalThis as { __zod_globalConfig?: object }).__zod_globalConfig = { jitless: true };

/**
 * Next runs this before it brings a page to life. A workbench needs its connection and its largest parts first: what
 * is asked for here is on its way while the page is still being hydrated. Claude's pane and the rest follow
 * (workbench/slots.tsx), so that they do not stand in the way.
 */
const sessionId = /^\/sessions\/([0-9a-f-]{36})$/.exec(window.location.pathname)?.[1];

if (sessionId !== undefined) {
  const early = [
    import("./workbench/ask-early.ts").then(({ askEarly }) => askEarly(sessionId)),
    import("./workbench/terminal/index.tsx"),
    import("./workbench/editor/editor-area.tsx"),
  ];
  // Whoever draws these parts asks again, and says so when they do not come.
  for (const part of early) part.catch(() => undefined);
}
