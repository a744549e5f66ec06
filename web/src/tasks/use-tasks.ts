"use client";

import { cancelTask, createTask, listTasks, type PermissionMode, type Task } from "@remote-claude/protocol";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { toast } from "../lib/toast.ts";

/** How often to look while a task runs; nothing announces a task's change. */
const pollMs = 3000;

const running: ReadonlySet<Task["state"]> = new Set(["queued", "running", "waiting"]);
export const isRunning = ({ state }: Pick<Task, "state">) => running.has(state);

const keyOf = (sessionId: string) => ["tasks", sessionId];

/** The session's tasks, newest first; looked at again and again while one runs. */
export function useTasks(sessionId: string) {
  return useQuery({
    queryKey: keyOf(sessionId),
    queryFn: ({ signal }) => call(listTasks, { params: { sessionId }, signal }),
    select: ({ tasks }) => tasks,
    refetchInterval: (query) => (query.state.data?.tasks.some(isRunning) ? pollMs : false),
  });
}

/** Making and cancelling tasks; the list is looked at again after each. */
export function useTaskActions(sessionId: string) {
  const queries = useQueryClient();
  const options = {
    onError: (error: unknown) => void toast.error(messageOf(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: keyOf(sessionId) }),
  };
  const create = useMutation({
    ...options,
    mutationFn: (body: { prompt: string; permissionMode?: PermissionMode }) =>
      call(createTask, { params: { sessionId }, body }),
  });
  const cancel = useMutation({
    ...options,
    mutationFn: (taskId: string) => call(cancelTask, { params: { sessionId, taskId } }),
  });
  return { create, cancel };
}
