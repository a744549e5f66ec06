"use client";

import { KeyboardIcon } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { KeysDialog } from "../components/keys-dialog.tsx";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { Skeleton } from "../components/ui/skeleton.tsx";
import { messageOf } from "../lib/errors.ts";
import { formatMoment } from "../lib/format.ts";
import { useNames } from "./data/use-names.ts";
import { useOpenEntry } from "./data/use-open-entry.ts";
import { canBeLive, useTimeline } from "./data/use-timeline.ts";
import { DetailPanel } from "./detail/detail-panel.tsx";
import { ProofSection } from "./detail/proof-section.tsx";
import { ExportMenu } from "./export/export-menu.tsx";
import { FilterBar } from "./filters/filter-bar.tsx";
import { type Filters, noFilters } from "./filters/filters.ts";
import { useFilters, useOpenRow } from "./filters/use-filters.ts";
import { AuditFrame } from "./parts/audit-frame.tsx";
import { RecordingLinks } from "./recordings/recording-links.tsx";
import { EmptyState } from "./timeline/empty-state.tsx";
import { EntryList } from "./timeline/entry-list.tsx";
import { LiveSwitch } from "./timeline/live-switch.tsx";
import { Summary } from "./timeline/summary.tsx";
import { entryKeys, useEntryKeys } from "./timeline/use-entry-keys.ts";
import { VerifyDialog } from "./verify/verify-dialog.tsx";
import { ViewsMenu } from "./views/views-menu.tsx";
import "../claude/claude.css";

interface ReviewPageProps {
  readonly title: ReactNode;
  readonly about: ReactNode;
  readonly back: { href: string; label: string };
  /** Of a page about one person: theirs alone. */
  readonly person?: string;
}

/** The record as a list: what is looked for, how much of it was when, and each entry. */
export function ReviewPage({ title, about, back, person }: ReviewPageProps) {
  const address = useFilters();
  const filters = useMemo(
    () => (person === undefined ? address.filters : { ...address.filters, person }),
    [address.filters, person],
  );
  const { setFilters } = address;
  const change = useCallback(
    (next: Filters, how?: "push" | "replace") =>
      setFilters(person === undefined ? next : { ...next, person: null }, how),
    [setFilters, person],
  );
  const [live, setLive] = useState(false);
  const [keys, setKeys] = useState(false);
  const isLive = live && canBeLive(filters);
  const timeline = useTimeline(filters, isLive);
  const { entries } = timeline;
  const [openId, setOpen] = useOpenRow();
  const open = useOpenEntry(openId, entries);
  const names = useNames(entries);
  const field = useRef<HTMLInputElement>(null);
  const move = useMove(entries, openId, setOpen);
  const close = useCallback(() => {
    const row = document.querySelector<HTMLElement>(`[data-entry="${openId}"]`);
    setOpen(null);
    row?.focus({ preventScroll: true });
  }, [openId, setOpen]);
  useEntryKeys({
    move,
    close,
    search: () => field.current?.focus(),
    toggleLive: () => setLive((on) => !on),
    showKeys: () => setKeys(true),
  });
  return (
    <AuditFrame
      title={title}
      about={about}
      back={back}
      actions={
        <>
          <LiveSwitch on={isLive} disabled={!canBeLive(filters)} onChange={setLive} />
          <ViewsMenu filters={filters} onOpen={(next) => change(next, "push")} />
          <VerifyDialog />
          <ExportMenu filters={filters} now={timeline.now} />
          <Button
            variant="quiet"
            size="icon"
            className="max-sm:hidden"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            onClick={() => setKeys(true)}
          >
            <KeyboardIcon />
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 px-4 pb-3">
        <FilterBar
          filters={filters}
          names={names}
          field={field}
          onChange={change}
          fixed={person !== undefined}
        />
        <Summary filters={filters} now={timeline.now} live={isLive} onChange={change} />
      </div>
      <div className="flex min-w-0 border-t">
        <section aria-label="Timeline" className="min-h-96 min-w-0 flex-1" aria-busy={timeline.stale}>
          <Listed
            timeline={timeline}
            filters={filters}
            openId={openId}
            onOpen={setOpen}
            onChange={change}
            person={person}
          />
        </section>
        {open !== null && (
          <DetailPanel entry={open} onClose={close} onMove={move}>
            <RecordingLinks entry={open} />
            <ProofSection entry={open} />
          </DetailPanel>
        )}
      </div>
      <KeysDialog
        open={keys}
        onOpenChange={setKeys}
        description="They work wherever nothing is being typed."
        groups={entryKeys}
      />
    </AuditFrame>
  );
}

/** To the entry so many further down; from none, to the first. */
function useMove(entries: readonly { id: string }[], openId: string | null, setOpen: (id: string) => void) {
  return useCallback(
    (step: number) => {
      const focused = document.activeElement?.closest<HTMLElement>("[data-entry]")?.dataset.entry ?? null;
      const at = entries.findIndex(({ id }) => id === (openId ?? focused));
      const next = entries[at < 0 ? 0 : at + step];
      if (next === undefined) return;
      if (openId !== null) setOpen(next.id);
      else document.querySelector<HTMLElement>(`[data-entry="${next.id}"]`)?.focus();
    },
    [entries, openId, setOpen],
  );
}

function Listed({
  timeline,
  filters,
  openId,
  onOpen,
  onChange,
  person,
}: {
  timeline: ReturnType<typeof useTimeline>;
  filters: Filters;
  openId: string | null;
  onOpen(id: string): void;
  onChange(filters: Filters): void;
  person: string | undefined;
}) {
  const { entries, now, error, pending, stale, more, loadingMore, onMore, retry } = timeline;
  if (error !== null && entries.length === 0) {
    return (
      <Notice tone="destructive" title={messageOf(error)} className="m-4">
        <Button size="sm" className="mt-1" onClick={retry}>
          Try again
        </Button>
      </Notice>
    );
  }
  if (pending) {
    return (
      <div role="status" aria-label="Loading" className="flex flex-col gap-2 p-4">
        {[1, 2, 3, 4, 5, 6].map((line) => (
          <Skeleton key={line} className="h-7" />
        ))}
      </div>
    );
  }
  if (entries.length === 0 && more) return <LookingFurther timeline={timeline} />;
  if (entries.length === 0) {
    return (
      <EmptyState
        filters={person === undefined ? filters : { ...filters, person: noFilters.person }}
        onChange={onChange}
      />
    );
  }
  return (
    <div className={stale ? "opacity-60" : undefined}>
      <EntryList
        entries={entries}
        now={now}
        more={more}
        loadingMore={loadingMore}
        onMore={onMore}
        openId={openId}
        onOpen={onOpen}
      />
      {error !== null && (
        <Notice tone="destructive" title={messageOf(error)} className="m-4">
          <Button size="sm" className="mt-1" onClick={onMore}>
            Try again
          </Button>
        </Notice>
      )}
    </div>
  );
}

/** Nothing was found so far, and there is more to look through. */
function LookingFurther({ timeline }: { timeline: ReturnType<typeof useTimeline> }) {
  const { loadingMore, searchedTo, onMore } = timeline;
  useEffect(() => {
    if (!loadingMore) onMore();
  }, [loadingMore, onMore]);
  return (
    <p role="status" className="px-4 py-14 text-center text-muted-foreground">
      Looking further back{searchedTo !== null && `: nothing since ${formatMoment(searchedTo)} so far`}…
    </p>
  );
}
