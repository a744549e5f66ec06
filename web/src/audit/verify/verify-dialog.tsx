"use client";

import type { Verification } from "@remote-claude/protocol";
import { ShieldCheckIcon } from "lucide-react";
import { useState } from "react";
import { Notice } from "../../components/notice.tsx";
import { Button } from "../../components/ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "../../components/ui/dialog.tsx";
import { messageOf } from "../../lib/errors.ts";
import { formatMoment } from "../../lib/format.ts";
import { ReportView } from "./report-view.tsx";
import { useVerification } from "./use-verification.ts";

const whoAndWhen = ({ by, startedAt, state }: Verification): string | null => {
  if (startedAt === null) return null;
  const began = state === "running" ? "Started" : "Last verified";
  return `${began} ${formatMoment(startedAt)}${by === null ? "" : ` by ${by.name}`}`;
};

function Progress({ found: { seals, of, rows } }: { found: Verification }) {
  return (
    <div role="status" className="flex flex-col gap-1.5">
      <progress
        aria-label="Progress"
        className="h-1.5 w-full accent-primary"
        {...(of === 0 ? {} : { value: seals, max: of })}
      />
      <p className="text-muted-foreground tabular-nums">
        {seals.toLocaleString("en")} of {of.toLocaleString("en")} seals, {rows.toLocaleString("en")} entries
      </p>
    </div>
  );
}

function Found({ found }: { found: Verification }) {
  const when = whoAndWhen(found);
  return (
    <>
      {when !== null && <p className="text-muted-foreground text-xs">{when}</p>}
      {found.state === "running" && <Progress found={found} />}
      {found.state === "failed" && (
        <Notice tone="destructive" title="It did not come to its end">
          {found.message}
        </Notice>
      )}
      {found.state === "done" && found.report !== null && <ReportView report={found.report} />}
      {found.state === "idle" && <p className="text-muted-foreground">It was not verified here yet.</p>}
    </>
  );
}

/** Checks the whole record against its seals and its copies, and says what was found; it goes on when this is closed. */
export function VerifyDialog() {
  const [open, setOpen] = useState(false);
  const { found, error, starting, start, stop } = useVerification(open);
  const running = found?.state === "running";
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <ShieldCheckIcon /> Verify
      </Button>
      <Dialog open={open} onOpenChange={setOpen}>
        <DialogContent className="max-w-lg">
          <DialogHeader>
            <DialogTitle>Verification of the record</DialogTitle>
            <DialogDescription>
              Every entry against its seal, every seal against its signature and the one before it, and all of
              it against the copies in storage.
            </DialogDescription>
          </DialogHeader>
          {error !== null && <Notice tone="destructive" title={messageOf(error)} />}
          {found !== null && <Found found={found} />}
          <DialogFooter>
            {running ? (
              <Button onClick={stop}>Stop</Button>
            ) : (
              <Button variant="primary" disabled={starting || found === null} onClick={start}>
                Verify now
              </Button>
            )}
          </DialogFooter>
        </DialogContent>
      </Dialog>
    </>
  );
}
