import { type ReactNode, useId } from "react";
import { Card } from "../components/ui/card.tsx";

/** A titled part of the settings. */
export function Section({
  title,
  description,
  action,
  children,
}: {
  title: string;
  description: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <Card>
        <div className="flex flex-wrap items-start gap-3 border-b px-4 py-3">
          <div className="min-w-0 flex-1 basis-44">
            <h2 id={id} className="font-semibold text-sm">
              {title}
            </h2>
            <p className="text-muted-foreground">{description}</p>
          </div>
          {action}
        </div>
        <div className="p-4">{children}</div>
      </Card>
    </section>
  );
}
