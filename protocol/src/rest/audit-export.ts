import { AuditFilter } from "./audit.ts";
import { route } from "./route.ts";

const common = {
  method: "GET",
  needs: "audit.view",
  scope: "audit:read",
  query: AuditFilter,
} as const;

export const exportAuditTable = route({
  ...common,
  path: "/api/audit/export.csv",
  summary: "The audit record as a table, oldest first; with the filters of the list",
  answers: "text/csv",
});

export const exportAuditLines = route({
  ...common,
  path: "/api/audit/export.jsonl",
  summary:
    "The audit record as the lines that the seals are made of, oldest first; with the filters of the list",
  answers: "application/x-ndjson",
});

export const exportAuditBundle = route({
  ...common,
  path: "/api/audit/export.bundle",
  summary:
    "The audit record as a .tar.gz that proves itself: lines with their way to the seals, all seals, the keys, and a script that checks it offline; with the filters of the list",
  answers: "application/octet-stream",
});
