"use client";

import { CircleAlertIcon, CircleCheckIcon, CircleHelpIcon, type LucideIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { Notice } from "../../components/notice.tsx";
import { cn } from "../../lib/utils.ts";
import { type Check, checkProof, type Proof, type Shown } from "../proof/check-proof.ts";
import { subtleCrypto } from "../proof/merkle-path.ts";

const signs: Record<"fits" | "wrong" | "unknown", { Icon: LucideIcon; label: string; className: string }> = {
  fits: { Icon: CircleCheckIcon, label: "Fits", className: "text-success" },
  wrong: { Icon: CircleAlertIcon, label: "Does not fit", className: "text-destructive" },
  unknown: { Icon: CircleHelpIcon, label: "Not checked", className: "text-muted-foreground" },
};

function CheckLine({ check }: { check: Check }) {
  const { Icon, label, className } = signs[check.fits === null ? "unknown" : check.fits ? "fits" : "wrong"];
  return (
    <li className="flex items-start gap-2">
      <Icon role="img" aria-label={label} className={cn("mt-0.5 size-3.5 shrink-0", className)} />
      <span className="min-w-0 text-xs">
        {check.words}
        {check.fits === null && (
          <span className="text-muted-foreground"> (this browser cannot check it here)</span>
        )}
      </span>
    </li>
  );
}

/** What this browser found out about the proof, step by step. */
function useChecks(proof: Proof, shown: Shown): readonly Check[] | null {
  const [checks, setChecks] = useState<readonly Check[] | null>(null);
  useEffect(() => {
    let wanted = true;
    setChecks(null);
    void checkProof(subtleCrypto(), proof, shown).then((found) => wanted && setChecks(found));
    return () => {
      wanted = false;
    };
  }, [proof, shown]);
  return checks;
}

/** The proof in words, checked here and not only believed. */
export function ProofView({ proof, shown }: { proof: Proof; shown: Shown }) {
  const checks = useChecks(proof, shown);
  if (checks === null)
    return (
      <p role="status" className="text-muted-foreground text-xs">
        Checking…
      </p>
    );
  const wrong = checks.some(({ fits }) => fits === false);
  const unknown = checks.some(({ fits }) => fits === null);
  return (
    <div className="flex flex-col gap-2">
      {wrong ? (
        <Notice tone="destructive" title="This entry does not fit its seal">
          Keep this page as it is, and verify the whole record.
        </Notice>
      ) : (
        <p className="font-medium text-success">
          {unknown ? "What this browser can check fits." : "This entry is in the record as it was written."}
        </p>
      )}
      <ul className="flex flex-col gap-1" aria-label="What was checked">
        {checks.map((check) => (
          <CheckLine key={check.id} check={check} />
        ))}
      </ul>
    </div>
  );
}
