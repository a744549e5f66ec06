import {
  addMember,
  changeMember,
  createShareLink,
  leaveSession,
  listMembers,
  listShareLinks,
  removeMember,
  revokeShareLink,
  type SessionMember,
  type SharedRole,
} from "@remote-claude/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { live } from "../lib/live.ts";
import { toast } from "../lib/toast.ts";

/** Who is in a session; asked again when somebody comes or goes. */
export function useMembers(sessionId: string) {
  const queries = useQueryClient();
  useEffect(
    () =>
      live.on("session.presence", sessionId, () => {
        void queries.invalidateQueries({ queryKey: ["members", sessionId] });
      }),
    [queries, sessionId],
  );
  return useQuery({
    queryKey: ["members", sessionId],
    queryFn: async ({ signal }) => (await call(listMembers, { params: { sessionId }, signal })).members,
  });
}

export function useShareLinks(sessionId: string, enabled: boolean) {
  return useQuery({
    queryKey: ["share-links", sessionId],
    queryFn: async ({ signal }) => (await call(listShareLinks, { params: { sessionId }, signal })).links,
    enabled,
  });
}

/** What one can do about who is in a session. Those that give back a boolean show their refusal as a toast. */
export function useSharing(sessionId: string) {
  const queries = useQueryClient();
  const params = { sessionId };
  const refresh = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ["members", sessionId] }),
      queries.invalidateQueries({ queryKey: ["share-links", sessionId] }),
    ]);
  const attempt = async (work: Promise<unknown>): Promise<boolean> => {
    try {
      await work;
      return true;
    } catch (error) {
      toast.error(messageOf(error));
      return false;
    } finally {
      void refresh();
    }
  };
  return {
    /** Throws the refusal: it belongs beside the field. */
    async add(email: string, role: SharedRole): Promise<SessionMember> {
      const { member } = await call(addMember, { params, body: { email, role } });
      void refresh();
      return member;
    },
    change: (userId: string, change: { role?: SharedRole; mayAnswer?: boolean }) =>
      attempt(call(changeMember, { params: { sessionId, userId }, body: change })),
    remove: (userId: string) => attempt(call(removeMember, { params: { sessionId, userId } })),
    leave: () => attempt(call(leaveSession, { params })),
    /** The address to pass on, which nobody can show again. */
    async makeLink(body: { role: SharedRole; expiresInHours: number; once: boolean }): Promise<string> {
      const { url } = await call(createShareLink, { params, body });
      void refresh();
      return url;
    },
    revokeLink: (linkId: string) => attempt(call(revokeShareLink, { params: { sessionId, linkId } })),
  };
}
