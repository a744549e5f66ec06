const widths = ["w-3/5", "w-2/5", "w-4/5", "w-1/2", "w-2/3"];

/** A pane that is still being loaded. */
export function PaneSkeleton({ label }: { label: string }) {
  return (
    // One animation for all: what moves by itself is a layer of its own, also before it begins to move.
    <div
      className="flex h-full animate-pulse flex-col gap-2.5 p-3 [animation-delay:1s]"
      role="status"
      aria-busy
    >
      <span className="sr-only">{label} is loading</span>
      {widths.map((width) => (
        <div key={width} aria-hidden className={`h-3 rounded-sm bg-muted ${width}`} />
      ))}
    </div>
  );
}
