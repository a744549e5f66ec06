import { ChevronRightIcon } from "lucide-react";

/** Where the file lies. */
export function Breadcrumb({ path }: { path: string }) {
  const parts = path.split("/");
  return (
    <nav
      aria-label="Path of the file"
      className="flex h-6 shrink-0 items-center overflow-hidden whitespace-nowrap bg-background px-3 text-[12px] text-muted-foreground"
    >
      {parts.map((part, index) => (
        <span key={parts.slice(0, index + 1).join("/")} className="flex items-center">
          {index > 0 && <ChevronRightIcon className="size-3.5 opacity-60" aria-hidden />}
          <span className={index === parts.length - 1 ? "text-foreground" : ""}>{part}</span>
        </span>
      ))}
    </nav>
  );
}
