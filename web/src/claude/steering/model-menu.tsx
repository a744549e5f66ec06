"use client";

import { Effort, type OfferedModel } from "@remote-claude/protocol";
import { useQuery } from "@tanstack/react-query";
import { ChevronDownIcon, GaugeIcon } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "../../components/ui/dropdown-menu.tsx";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { useCommand } from "../../workbench/commands.ts";
import type { Reading } from "../live/conversation-reader.ts";
import { usePane } from "../pane-context.tsx";
import { Choice } from "./choice.tsx";
import { LimitsDialog } from "./limits-dialog.tsx";
import { defaultEffort, defaultModel, effortTexts, findModel, modelLabel } from "./models.ts";
import type { SettingsChange } from "./use-configure.ts";

interface MenuProps {
  readonly conversation: Reading["conversation"];
  /** What was asked for and is not confirmed yet. */
  readonly wanted: SettingsChange;
  readonly configure: (change: SettingsChange) => Promise<boolean>;
  readonly disabled: boolean;
}

/** Which model answers, how much it puts into it, whether it thinks first, and what it may cost. */
export function ModelMenu({ conversation, wanted, configure, disabled }: MenuProps) {
  const { sessionId } = usePane();
  const [limiting, setLimiting] = useState(false);
  const models = useQuery({
    queryKey: ["claude-models", sessionId],
    queryFn: () => live.command("chat.models", sessionId, {}, { offline: "fail" }),
    enabled: !disabled,
    staleTime: 5 * 60_000,
    select: (reply) => reply.models,
  });
  const model = (wanted.model === undefined ? conversation?.model : wanted.model) ?? defaultModel;
  const effort = (wanted.effort === undefined ? conversation?.steering.effort : wanted.effort) ?? null;
  const thinking = wanted.thinking ?? conversation?.steering.thinking ?? true;
  const known = findModel(models.data, model);
  const label = modelLabel(models.data, model, effort);
  useCommand({
    id: "claude.limits",
    title: "Claude: Limits of this conversation",
    run: () => setLimiting(true),
  });
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button
            variant="quiet"
            size="sm"
            disabled={disabled}
            aria-label={`Model: ${label}`}
            className="min-w-0 shrink px-1.5"
          >
            <span className="truncate">{label}</span>
            <ChevronDownIcon className="size-3" />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent side="top" className="max-h-[min(80dvh,34rem)] w-80 max-w-[calc(100vw-1rem)]">
          <DropdownMenuLabel>Model</DropdownMenuLabel>
          {models.data === undefined ? (
            <p className="px-2 py-1.5 text-muted-foreground">
              {models.isError ? messageOf(models.error) : "Asking Claude Code…"}
            </p>
          ) : (
            <ModelChoices
              models={models.data}
              model={known?.value ?? model}
              onChoose={(value) => void configure({ model: value === defaultModel ? null : value })}
            />
          )}
          {known !== undefined && known.efforts.length > 0 && (
            <EffortChoices
              efforts={known.efforts}
              effort={effort}
              onChoose={(chosen) => void configure({ effort: chosen })}
            />
          )}
          <DropdownMenuSeparator />
          <DropdownMenuCheckboxItem
            checked={thinking || known?.thinkingCanBeOff === false}
            disabled={known?.thinkingCanBeOff === false && thinking}
            onCheckedChange={(checked) => void configure({ thinking: checked })}
          >
            <Choice
              label="Think before answering"
              about={known?.thinkingCanBeOff === false ? "This model always thinks" : ""}
            />
          </DropdownMenuCheckboxItem>
          <DropdownMenuItem onSelect={() => setLimiting(true)}>
            <GaugeIcon className="size-3.5" /> Limits of this conversation…
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <LimitsDialog
        conversation={conversation}
        configure={configure}
        open={limiting}
        onOpenChange={setLimiting}
      />
    </>
  );
}

function ModelChoices({
  models,
  model,
  onChoose,
}: {
  models: readonly OfferedModel[];
  model: string;
  onChoose(value: string): void;
}) {
  if (models.length === 0) {
    return (
      <p className="px-2 py-1.5 text-muted-foreground">
        None of the models that Claude Code offers may be used here.
      </p>
    );
  }
  return (
    <DropdownMenuRadioGroup value={model} onValueChange={onChoose}>
      {models.map(({ value, displayName, description }) => (
        <DropdownMenuRadioItem key={value} value={value}>
          <Choice label={displayName} about={description} />
        </DropdownMenuRadioItem>
      ))}
    </DropdownMenuRadioGroup>
  );
}

function EffortChoices({
  efforts,
  effort,
  onChoose,
}: {
  efforts: readonly Effort[];
  effort: Effort | null;
  onChoose(effort: Effort | null): void;
}) {
  return (
    <>
      <DropdownMenuSeparator />
      <DropdownMenuLabel>Effort</DropdownMenuLabel>
      <DropdownMenuRadioGroup
        value={effort ?? defaultEffort}
        onValueChange={(value) => onChoose(value === defaultEffort ? null : Effort.parse(value))}
        className="flex flex-wrap gap-0.5 px-1 pb-1"
      >
        {[defaultEffort, ...efforts].map((level) => (
          <DropdownMenuRadioItem
            key={level}
            value={level}
            className="border px-2 py-0.5 pr-2 text-xs data-[state=checked]:border-ring data-[state=checked]:bg-selected [&_svg]:hidden"
          >
            {level === defaultEffort ? "Default" : effortTexts[Effort.parse(level)]}
          </DropdownMenuRadioItem>
        ))}
      </DropdownMenuRadioGroup>
    </>
  );
}
