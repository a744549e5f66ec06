import { Skeleton } from "../components/ui/skeleton.tsx";

const widths = ["w-3/5", "w-2/5", "w-4/5", "w-1/2", "w-2/3"];

/** A pane that is still being loaded. */
export function PaneSkeleton({ label }: { label: string }) {
  return (
    <div className="flex h-full flex-col gap-2.5 p-3" role="status" aria-busy>
      <span className="sr-only">{label} is loading</span>
      {widths.map((width) => (
        <Skeleton key={width} className={`h-3 ${width}`} />
      ))}
    </div>
  );
}
