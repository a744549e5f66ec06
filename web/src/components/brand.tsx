import { cn } from "../lib/utils.ts";

/** The product's sign: a prompt on clay. */
export function BrandMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={cn("size-6", className)}>
      <rect width="32" height="32" rx="8" fill="#c6613f" />
      <path
        d="M9 11l5 5-5 5"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M17 21h6" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
    </svg>
  );
}
