import { Badge } from "../../components/ui/badge.tsx";
import { resultOf } from "../model/words.ts";

/** How it ended. That it was done needs no colour: what was refused or failed is what one looks for. */
export function ResultBadge({ result }: { result: string }) {
  const { label, tone } = resultOf(result);
  if (tone === "neutral") return <span className="text-muted-foreground text-xs">{label}</span>;
  return (
    <Badge tone={tone} className="justify-self-start">
      {label}
    </Badge>
  );
}
