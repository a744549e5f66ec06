/** Writes the documents that are made from the code: docs/protocol.md and docs/audit-actions.md. `node scripts/docs.mjs` */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bootstrap, root } from "./lib/bootstrap.mjs";
import { endWith } from "./lib/progress.mjs";

const documents = { "docs/protocol.md": protocolDocument, "docs/audit-actions.md": auditActionsDocument };

/** Field names of an object schema, optional ones with "?"; a dash for anything else. */
function fieldsOf(schema) {
  const shape = schema?.shape;
  if (shape === undefined) return "–";
  const names = Object.entries(shape).map(([name, field]) => `${name}${field.isOptional() ? "?" : ""}`);
  return names.length === 0 ? "–" : names.map((name) => `\`${name}\``).join(", ");
}

const table = (heads, rows) =>
  [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

async function protocolDocument() {
  const { commands, events, routes, errorTable } = await import("@remote-claude/protocol");
  const audited = ({ audit }) => (audit === undefined ? "–" : `\`${audit.action}\``);
  return `# The protocol

Made from \`protocol/src\` by \`node scripts/docs.mjs\`; change the code, not this page. The schemas there say what each field is; \`/api/openapi.json\` of a running installation describes the REST routes in full.

## Commands

A request with one reply. Browsers send them over socket.io; those to the agent are relayed by the api, if the sender has the ability in the session.

${table(
  ["command", "to", "needs", "scope", "payload", "reply", "recorded as"],
  [...commands.values()].map((one) => [
    `\`${one.type}\``,
    one.to,
    `\`${one.needs}\``,
    `\`${one.scope}\``,
    fieldsOf(one.payload),
    fieldsOf(one.reply),
    audited(one),
  ]),
)}

## Events

\`log\`: numbered, stored and replayed by cursor. \`none\`: live only. Reach \`client\`: the one it names; \`session\`: everyone who watches the session.

${table(
  ["event", "from", "kept", "reach", "payload"],
  [...events.values()].map((one) => [
    `\`${one.type}\``,
    one.from,
    one.keep,
    one.reach,
    fieldsOf(one.payload),
  ]),
)}

## REST routes

${table(
  ["route", "what it does", "needs", "scope", "answer"],
  [...routes.values()].map(({ method, path, summary, needs, scope, status }) => [
    `\`${method} ${path}\``,
    summary,
    `\`${needs}\``,
    `\`${scope}\``,
    String(status),
  ]),
)}

## Errors

The same body everywhere: \`{ error: { code, message, requestId?, details? } }\`.

${table(
  ["code", "HTTP", "may succeed later"],
  Object.entries(errorTable).map(([code, { http, retryable }]) => [
    `\`${code}\``,
    String(http),
    retryable ? "yes" : "no",
  ]),
)}
`;
}

async function auditActionsDocument() {
  const { auditActions } = await import("@remote-claude/protocol");
  return `# What the audit record tells of

Made from \`protocol/src/audit.ts\` by \`node scripts/docs.mjs\`; change the code, not this page. How the record is kept and verified: [audit.md](audit.md).

${table(
  ["action", "what happened"],
  Object.entries(auditActions).map(([action, meaning]) => [`\`${action}\``, meaning]),
)}
`;
}

/** Names of documents that are missing or say something else than the code. */
export async function staleDocuments() {
  const stale = [];
  for (const [path, make] of Object.entries(documents)) {
    const file = join(root, path);
    if (!existsSync(file) || readFileSync(file, "utf8") !== (await make())) stale.push(path);
  }
  return stale;
}

const script = fileURLToPath(import.meta.url);
if (process.argv[1] === script) {
  try {
    if (await bootstrap(script)) {
      for (const [path, make] of Object.entries(documents)) writeFileSync(join(root, path), await make());
    }
  } catch (error) {
    endWith(error);
  }
}
