"use client";

import { PermissionMode } from "@remote-claude/protocol";
import { useQuery } from "@tanstack/react-query";
import { ChevronDownIcon, HandIcon, PencilLineIcon, ScrollTextIcon, ZapIcon } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuTrigger,
} from "../../components/ui/dropdown-menu.tsx";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import type { Reading } from "../live/conversation-reader.ts";
import { usePane } from "../pane-context.tsx";
import { modeTexts } from "./modes.ts";

const modeIcons = {
  default: HandIcon,
  acceptEdits: PencilLineIcon,
  plan: ScrollTextIcon,
  bypassPermissions: ZapIcon,
} as const;

/** Claude Code's own choice of model has no value; a radio needs one. */
const defaultModel = "default";

function useConfigure() {
  const { sessionId, conversationId, reader } = usePane();
  const [wanted, setWanted] = useState<{ model?: string | null; permissionMode?: PermissionMode }>({});
  const configure = async (change: typeof wanted) => {
    setWanted(change);
    try {
      await reader.ensureCreated();
      await live.command("chat.configure", sessionId, { conversationId, ...change });
    } catch (error) {
      toast.error(messageOf(error));
    } finally {
      setWanted({});
    }
  };
  return { wanted, configure };
}

/** Model and permission mode of the conversation, from the next request on. */
export function SettingsPickers({
  conversation,
  modes,
  disabled,
}: {
  conversation: Reading["conversation"];
  /** Those that the session's template allows. */
  modes: readonly string[];
  disabled: boolean;
}) {
  const { sessionId } = usePane();
  const { wanted, configure } = useConfigure();
  const models = useQuery({
    queryKey: ["claude-models", sessionId],
    queryFn: () => live.command("chat.models", sessionId, {}, { offline: "fail" }),
    enabled: !disabled,
    staleTime: 5 * 60_000,
    select: (reply) => reply.models,
  });
  const mode = wanted.permissionMode ?? conversation?.permissionMode ?? "default";
  const model = (wanted.model === undefined ? conversation?.model : wanted.model) ?? defaultModel;
  const ModeIcon = modeIcons[mode];
  const known = models.data?.find(({ value }) => value === model);
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button
            variant="quiet"
            size="sm"
            disabled={disabled}
            aria-label={`Mode: ${modeTexts[mode].label}`}
            className="px-1.5"
          >
            <ModeIcon className="size-3.5" />
            <span className="hidden min-[380px]:inline">{modeTexts[mode].label}</span>
            <ChevronDownIcon className="size-3" />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent side="top" className="max-w-72">
          <DropdownMenuLabel>What Claude may do</DropdownMenuLabel>
          <DropdownMenuRadioGroup
            value={mode}
            onValueChange={(value) => void configure({ permissionMode: PermissionMode.parse(value) })}
          >
            {PermissionMode.options
              .filter((option) => modes.includes(option))
              .map((option) => (
                <DropdownMenuRadioItem key={option} value={option}>
                  <Choice label={modeTexts[option].label} about={modeTexts[option].about} />
                </DropdownMenuRadioItem>
              ))}
          </DropdownMenuRadioGroup>
        </DropdownMenuContent>
      </DropdownMenu>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button
            variant="quiet"
            size="sm"
            disabled={disabled}
            aria-label="Model"
            className="min-w-0 shrink px-1.5"
          >
            <span className="truncate">
              {known?.displayName ?? (model === defaultModel ? "Default model" : model)}
            </span>
            <ChevronDownIcon className="size-3" />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent side="top" className="max-w-80">
          <DropdownMenuLabel>Model</DropdownMenuLabel>
          {models.data === undefined ? (
            <p className="px-2 py-1.5 text-muted-foreground">
              {models.isError ? messageOf(models.error) : "Asking Claude Code…"}
            </p>
          ) : (
            <DropdownMenuRadioGroup
              value={model}
              onValueChange={(value) => void configure({ model: value === defaultModel ? null : value })}
            >
              {withDefault(models.data).map(({ value, displayName, description }) => (
                <DropdownMenuRadioItem key={value} value={value}>
                  <Choice label={displayName} about={description} />
                </DropdownMenuRadioItem>
              ))}
            </DropdownMenuRadioGroup>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
    </>
  );
}

interface Model {
  value: string;
  displayName: string;
  description: string;
}

function withDefault(models: readonly Model[]): readonly Model[] {
  if (models.some(({ value }) => value === defaultModel)) return models;
  return [
    { value: defaultModel, displayName: "Default", description: "What Claude Code chooses" },
    ...models,
  ];
}

function Choice({ label, about }: { label: string; about: string }) {
  return (
    <span>
      {label}
      {about !== "" && <span className="block text-[11px] text-muted-foreground">{about}</span>}
    </span>
  );
}
