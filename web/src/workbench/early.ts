/**
 * Runs with the workbench's first script. A workbench needs its connection and its largest parts first: what is asked
 * for here is on its way while the page is still being hydrated. Claude's pane and the rest follow (slots.tsx), so that
 * they do not stand in the way. From here, and not from instrumentation-client.ts, which comes a little sooner: its
 * imports would bring along once more what the page itself has.
 */
const path = typeof window === "undefined" ? "" : window.location.pathname;
const sessionId = /^\/sessions\/([0-9a-f-]{36})$/.exec(path)?.[1];

if (sessionId !== undefined) {
  const early = [
    import("./ask-early.ts").then(({ askEarly }) => askEarly(sessionId)),
    import("./terminal/index.tsx"),
    import("./editor/editor-area.tsx"),
  ];
  // Whoever draws these parts asks again, and says so when they do not come.
  for (const part of early) part.catch(() => undefined);
}
