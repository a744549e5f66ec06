"use client";

import { PermissionMode } from "@remote-claude/protocol";
import {
  ChevronDownIcon,
  HandIcon,
  PencilLineIcon,
  ScrollTextIcon,
  ShieldCheckIcon,
  SparklesIcon,
  ZapIcon,
} from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "../../components/ui/dropdown-menu.tsx";
import { cn } from "../../lib/utils.ts";
import { runCommand } from "../../workbench/commands.ts";
import type { Reading } from "../live/conversation-reader.ts";
import { Choice } from "../steering/choice.tsx";
import { ModelMenu } from "../steering/model-menu.tsx";
import { useConfigure } from "../steering/use-configure.ts";
import { modeTexts } from "./modes.ts";

const modeIcons = {
  default: HandIcon,
  acceptEdits: PencilLineIcon,
  plan: ScrollTextIcon,
  auto: SparklesIcon,
  bypassPermissions: ZapIcon,
} as const;

/** Permission mode, model and all that goes with it, from the next request on. */
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
  const { wanted, configure } = useConfigure();
  const mode = wanted.permissionMode ?? conversation?.permissionMode ?? "default";
  const ModeIcon = modeIcons[mode];
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button
            variant="quiet"
            size="sm"
            disabled={disabled}
            aria-label={`Mode: ${modeTexts[mode].label}`}
            // Nobody should have to read it to notice that nothing is asked.
            className={cn("px-1.5", mode === "bypassPermissions" && "text-warning hover:text-warning")}
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
          <DropdownMenuSeparator />
          <DropdownMenuItem onSelect={() => runCommand("claude.rules")}>
            <ShieldCheckIcon className="size-3.5" /> Permission rules…
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <ModelMenu conversation={conversation} wanted={wanted} configure={configure} disabled={disabled} />
    </>
  );
}
