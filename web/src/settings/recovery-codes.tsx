import { CheckIcon, CopyIcon } from "lucide-react";
import { useState } from "react";
import { Button } from "../components/ui/button.tsx";
import { DialogDescription, DialogFooter, DialogHeader, DialogTitle } from "../components/ui/dialog.tsx";
import { copyText } from "../lib/copy-text.ts";

/** Shown this one time. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone(): void }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className="flex flex-col gap-4">
      <DialogHeader>
        <DialogTitle>Keep your recovery codes</DialogTitle>
        <DialogDescription>
          Each stands in for your app once, when you have lost it. They are not shown again.
        </DialogDescription>
      </DialogHeader>
      <ul className="grid grid-cols-1 gap-x-6 gap-y-1 rounded-lg border bg-muted p-3 font-mono text-xs sm:grid-cols-2">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <DialogFooter>
        <Button onClick={() => void copyText(codes.join("\n")).then(setCopied)}>
          {copied ? <CheckIcon /> : <CopyIcon />}
          {copied ? "Copied" : "Copy all"}
        </Button>
        <Button variant="primary" onClick={onDone}>
          I have kept them
        </Button>
      </DialogFooter>
    </div>
  );
}
