"use client";

import { Component, type ReactNode } from "react";
import type { TimelineItem } from "../model/items.ts";

/** What is shown of something that could not be drawn: beyond this it is cut. */
const maxShown = 20_000;

function asText(item: TimelineItem): string {
  try {
    return JSON.stringify(item, null, 2).slice(0, maxShown);
  } catch {
    return item.kind;
  }
}

interface RowGuardProps {
  readonly item: TimelineItem;
  readonly children: ReactNode;
}

/**
 * Around each row: messages come from Claude Code as they are, and one that no card can draw must not take the
 * conversation with it. It is shown as it came, and drawn again when it changes.
 */
export class RowGuard extends Component<RowGuardProps, { item: TimelineItem; broken: boolean }> {
  override state = { item: this.props.item, broken: false };

  static getDerivedStateFromProps({ item }: RowGuardProps, state: { item: TimelineItem }) {
    return item === state.item ? null : { item, broken: false };
  }

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? <Undrawable item={this.props.item} /> : this.props.children;
  }
}

function Undrawable({ item }: { item: TimelineItem }) {
  return (
    <details className="my-1 rounded-lg border bg-surface px-3 py-1.5 text-[12.5px]">
      <summary className="cursor-pointer text-muted-foreground">
        {item.kind === "tool" ? item.call.name || "A tool" : "A message"} that this page does not know how to
        show
      </summary>
      <pre className="claude-mono mt-1 max-h-80 overflow-auto whitespace-pre-wrap break-words">
        {asText(item)}
      </pre>
    </details>
  );
}
