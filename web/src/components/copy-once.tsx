import { CheckIcon, CopyIcon } from "lucide-react";
import { useState } from "react";
import { copyText } from "../lib/copy-text.ts";
import { Button } from "./ui/button.tsx";
import { Input } from "./ui/input.tsx";

/** Something secret that was just made: to be copied now, for it is not kept. Give it its text as its key. */
export function CopyOnce({ label, text, about }: { label: string; text: string; about: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className="flex flex-col gap-1">
      <div className="flex gap-2">
        <Input
          readOnly
          aria-label={label}
          value={text}
          className="font-mono text-xs"
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button onClick={() => void copyText(text).then(setCopied)}>
          {copied ? <CheckIcon /> : <CopyIcon />}
          {copied ? "Copied" : "Copy"}
        </Button>
      </div>
      <p className="text-muted-foreground text-xs">{about}</p>
    </div>
  );
}
