"use client";

import { useEffect, useState } from "react";
import { onToastWanted } from "../lib/toast.ts";
import { useLate } from "../lib/use-late.ts";

const loadToaster = () => import("./ui/sonner.tsx").then(({ Toaster }) => Toaster);

/** Where `toast.…(…)` of lib/toast.ts appears; what draws it comes late, but not later than the first of them. */
export function LateToaster() {
  const [wanted, setWanted] = useState(false);
  useEffect(() => onToastWanted(() => setWanted(true)), []);
  const Toaster = useLate(wanted, loadToaster, { onFailed: () => setWanted(false) });
  return Toaster !== null && <Toaster />;
}
