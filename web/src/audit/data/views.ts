import { changeAuditView, createAuditView, deleteAuditView, listAuditViews } from "@remote-claude/protocol";
import { call } from "../../lib/api.ts";

export const askViews = async (signal: AbortSignal) => (await call(listAuditViews, { signal })).views;

export const saveView = (name: string, search: string) => call(createAuditView, { body: { name, search } });

export const renameView = (viewId: string, name: string) =>
  call(changeAuditView, { params: { viewId }, body: { name } });

export const deleteView = (viewId: string) => call(deleteAuditView, { params: { viewId } });
