"use client";

import type { SetupKind } from "@remote-claude/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RefreshCwIcon } from "lucide-react";
import { Notice } from "../../components/notice.tsx";
import { Button } from "../../components/ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from "../../components/ui/dialog.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "../../components/ui/tabs.tsx";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";
import { FilesTab } from "./files-tab.tsx";
import { HooksTab } from "./hooks-tab.tsx";
import { ServersTab } from "./servers-tab.tsx";
import type { SettingsPlace } from "./settings-place.ts";

const fileTabs: readonly { value: SetupKind; label: string }[] = [
  { value: "memory", label: "Instructions" },
  { value: "agent", label: "Subagents" },
  { value: "skill", label: "Skills" },
  { value: "command", label: "Commands" },
  { value: "output-style", label: "Styles" },
];

/** What shapes this session's Claude: servers, instructions, subagents, skills, commands, styles and hooks. */
export function ClaudeSettingsDialog({
  open,
  onOpenChange,
  ...place
}: SettingsPlace & { open: boolean; onOpenChange(open: boolean): void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent className="h-[min(46rem,calc(100dvh-2rem))] max-w-3xl max-sm:p-3.5">
        <DialogHeader>
          <DialogTitle>Claude's settings</DialogTitle>
          <DialogDescription>
            What Claude can call upon and goes by in this session. Those of the project lie in its folder;
            your own lie in the session's home and are there in every conversation of it.
          </DialogDescription>
        </DialogHeader>
        {open && <SettingsTabs place={place} onClose={() => onOpenChange(false)} />}
      </DialogContent>
    </Dialog>
  );
}

function useSetup({ sessionId, conversationId }: SettingsPlace) {
  return useQuery({
    queryKey: ["claude-setup", sessionId, conversationId],
    queryFn: () => live.command("claude.setup", sessionId, { conversationId }, { offline: "fail" }),
    retry: false,
  });
}

function SettingsTabs({ place, onClose }: { place: SettingsPlace; onClose(): void }) {
  const setup = useSetup(place);
  const queries = useQueryClient();
  const refresh = () =>
    queries.invalidateQueries({ queryKey: ["claude-setup", place.sessionId] }).then(() => undefined);
  const reload = async () => {
    try {
      await live.command("claude.reload", place.sessionId, {});
      await refresh();
      toast.success("Claude goes by what the files say now.");
    } catch (error) {
      toast.error(messageOf(error));
    }
  };
  return (
    <Tabs defaultValue="servers" className="min-h-0 flex-1">
      <div className="flex items-center gap-1.5">
        <TabsList className="min-w-0 flex-1 overflow-x-auto">
          <TabsTrigger value="servers">MCP servers</TabsTrigger>
          {fileTabs.map(({ value, label }) => (
            <TabsTrigger key={value} value={value}>
              {label}
            </TabsTrigger>
          ))}
          <TabsTrigger value="hooks">Hooks</TabsTrigger>
        </TabsList>
        {place.canUse && (
          <Button
            variant="quiet"
            size="icon-sm"
            aria-label="Read the files anew"
            title="Read the files anew, after they were edited"
            onClick={() => void reload()}
          >
            <RefreshCwIcon className="size-3.5" />
          </Button>
        )}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <TabsContent value="servers">
          <ServersTab {...place} />
        </TabsContent>
        {setup.isError && (
          <Notice tone="warning" title="The settings could not be read">
            {messageOf(setup.error)}
          </Notice>
        )}
        {fileTabs.map(({ value }) => (
          <TabsContent key={value} value={value}>
            <FilesTab kind={value} setup={setup.data} place={place} onChanged={refresh} onClose={onClose} />
          </TabsContent>
        ))}
        <TabsContent value="hooks">
          <HooksTab setup={setup.data} place={place} onChanged={refresh} onClose={onClose} />
        </TabsContent>
      </div>
    </Tabs>
  );
}
