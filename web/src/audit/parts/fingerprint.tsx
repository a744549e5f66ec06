import { CopyButton } from "../../claude/timeline/copy-button.tsx";

/** A long number in hexadecimal, in groups that one can compare by eye, with a button that copies it. */
export function Fingerprint({ label, value }: { label: string; value: string }) {
  return (
    <div className="flex items-start gap-1">
      <code className="min-w-0 flex-1 font-mono text-[11px] leading-4 [overflow-wrap:anywhere]">
        {value.match(/.{1,8}/g)?.join(" ") ?? value}
      </code>
      <CopyButton text={value} label={`Copy ${label}`} className="-mt-1 shrink-0" />
    </div>
  );
}
