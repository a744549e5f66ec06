/** What the workbench shows in the landmark "Claude", which its frame draws. */
export { ClaudePane } from "./claude-pane.tsx";
