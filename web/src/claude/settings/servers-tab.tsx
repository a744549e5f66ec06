"use client";

import type { McpServer } from "@remote-claude/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { PlusIcon } from "lucide-react";
import { useState } from "react";
import { Notice } from "../../components/notice.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";
import { AddServerForm } from "./add-server-form.tsx";
import { ServerRow } from "./server-row.tsx";
import type { SettingsPlace } from "./settings-place.ts";

/** Servers connect and fail by themselves: while they are looked at, they are asked about. */
const lookMs = 3_000;

function useServers({ sessionId, conversationId }: SettingsPlace) {
  const queries = useQueryClient();
  const queryKey = ["claude-servers", sessionId, conversationId];
  const servers = useQuery({
    queryKey,
    queryFn: () => live.command("claude.servers", sessionId, { conversationId }, { offline: "fail" }),
    refetchInterval: lookMs,
    retry: false,
    select: (reply) => reply.servers,
  });
  const act = async (step: () => Promise<unknown>): Promise<boolean> => {
    try {
      await step();
      return true;
    } catch (error) {
      toast.error(messageOf(error));
      return false;
    } finally {
      void queries.invalidateQueries({ queryKey });
    }
  };
  return { servers, act, refresh: () => queries.invalidateQueries({ queryKey }) };
}

/** The MCP servers of this session, how they are, and what can be done with them. */
export function ServersTab(place: SettingsPlace) {
  const { sessionId, conversationId, canUse } = place;
  const { servers, act, refresh } = useServers(place);
  const [adding, setAdding] = useState(false);
  const change = (server: McpServer) => ({
    onSwitch: (enabled: boolean) =>
      act(() =>
        live.command("claude.switch-server", sessionId, { conversationId, name: server.name, enabled }),
      ),
    onReconnect: () =>
      act(() => live.command("claude.reconnect-server", sessionId, { conversationId, name: server.name })),
    onBegin: async () =>
      (await live.command("claude.begin-sign-in", sessionId, { conversationId, name: server.name })).url,
    onFinish: async (address: string) => {
      const answer = { conversationId, name: server.name, address };
      await live.command("claude.finish-sign-in", sessionId, answer);
      await refresh();
    },
    onRemove: () => {
      const { scope, name } = server;
      return scope === null
        ? Promise.resolve(false)
        : act(() => live.command("claude.remove-server", sessionId, { scope, name }));
    },
  });
  return (
    <>
      <p className="text-muted-foreground text-xs">
        MCP servers give Claude tools. What they reach over the network goes through this installation's
        policy like everything else.
      </p>
      {servers.data === undefined && servers.isError && (
        <Notice tone="warning" title="The servers could not be asked about">
          {messageOf(servers.error)}
        </Notice>
      )}
      {servers.data === undefined && !servers.isError && <Skeleton className="h-14" />}
      {servers.data?.length === 0 && !adding && (
        <p className="rounded-lg border border-dashed p-4 text-center text-muted-foreground text-xs">
          No MCP servers yet.
        </p>
      )}
      {servers.data !== undefined && servers.data.length > 0 && (
        <ul className="flex flex-col gap-2" aria-label="MCP servers">
          {servers.data.map((server) => (
            <ServerRow key={server.name} server={server} canUse={canUse} {...change(server)} />
          ))}
        </ul>
      )}
      {canUse &&
        (adding ? (
          <AddServerForm
            onAdd={async (server) => {
              if (await act(() => live.command("claude.add-server", sessionId, server))) setAdding(false);
            }}
            onCancel={() => setAdding(false)}
          />
        ) : (
          <Button size="sm" className="self-start" onClick={() => setAdding(true)}>
            <PlusIcon className="size-3.5" /> Add a server
          </Button>
        ))}
    </>
  );
}
