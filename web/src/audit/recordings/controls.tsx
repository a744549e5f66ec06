import { PauseIcon, PlayIcon } from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import {
  Select,
  SelectContent,
  SelectItem,
  SelectTrigger,
  SelectValue,
} from "../../components/ui/select.tsx";
import { clockOf } from "./cast.ts";
import type { Replay } from "./use-replay.ts";

const speeds = [0.5, 1, 2, 4, 8];

/** Play, where one is, how fast, and whether to wait where nothing happens. */
export function Controls({ replay, duration }: { replay: Replay; duration: number }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-t bg-chrome px-3 py-2">
      <Button
        variant="primary"
        size="icon"
        aria-label={replay.playing ? "Pause" : "Play"}
        onClick={replay.toggle}
      >
        {replay.playing ? <PauseIcon /> : <PlayIcon />}
      </Button>
      <span className="shrink-0 text-muted-foreground text-xs tabular-nums">
        {clockOf(replay.at)} / {clockOf(duration)}
      </span>
      <input
        type="range"
        aria-label="Position in the recording"
        aria-valuetext={`${clockOf(replay.at)} of ${clockOf(duration)}`}
        className="h-8 min-w-40 flex-1 accent-clay"
        min={0}
        max={Math.max(duration, 0.001)}
        step="any"
        value={replay.at}
        onChange={(event) => replay.seek(Number(event.target.value))}
      />
      <Select value={String(replay.speed)} onValueChange={(speed) => replay.setSpeed(Number(speed))}>
        <SelectTrigger aria-label="Speed" className="w-20">
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          {speeds.map((speed) => (
            <SelectItem key={speed} value={String(speed)}>
              {speed}×
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
      <label className="flex items-center gap-1.5 text-xs">
        <input
          type="checkbox"
          className="accent-clay"
          checked={replay.skipIdle}
          onChange={(event) => replay.setSkipIdle(event.target.checked)}
        />
        Skip idle time
      </label>
    </div>
  );
}
