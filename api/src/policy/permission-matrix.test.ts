import { randomUUID } from "node:crypto";
import type { User } from "@remote-claude/prisma";
import {
  commands,
  type ErrorBody,
  type Method,
  type RouteName,
  routes,
  signInCookieName,
} from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApiDocument } from "../http/openapi.ts";
import { randomSecret, sha256 } from "../lib/secrets.ts";
import {
  type ApiClient,
  buildSession,
  buildUser,
  connectSocket,
  publicUrl,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";
import {
  type Asker,
  askers,
  commandMatrix,
  type Expected,
  type Row,
  routeMatrix,
} from "./permission-matrix.ts";

let api: TestApi;
let people: Record<Exclude<Asker, "anonymous" | "expired" | "narrow">, User>;

beforeAll(async () => {
  api = await startApi();
  people = {
    stranger: await buildUser(api),
    viewer: await buildUser(api),
    editor: await buildUser(api),
    owner: await buildUser(api),
    auditor: await buildUser(api, { role: "auditor" }),
    admin: await buildUser(api, { role: "admin" }),
    disabled: await buildUser(api),
  };
});
afterAll(() => api.stop());

/** A session as each asker of the table stands to it. */
async function sharedSession(owner: User): Promise<string> {
  const { id: sessionId } = await buildSession(api, { owner, state: "running" });
  await api.database.db.sessionMember.createMany({
    data: [
      { sessionId, userId: people.viewer.id, role: "viewer" },
      { sessionId, userId: people.editor.id, role: "editor" },
    ],
  });
  return sessionId;
}

/** Everybody signed in anew: an act such as signing out must not spoil the next one. */
async function headersOf(asker: Asker): Promise<Record<string, string>> {
  if (asker === "anonymous") return {};
  if (asker === "expired" || asker === "narrow") {
    const secret = `rcl_${randomSecret()}`;
    await api.database.db.token.create({
      data: {
        userId: people.owner.id,
        hash: sha256(secret),
        prefix: secret.slice(0, 10),
        name: asker,
        ...(asker === "narrow"
          ? { scopes: ["audit:read"] }
          : { expiresAt: new Date(api.clock.now().getTime() - 1) }),
      },
    });
    return { authorization: `Bearer ${secret}` };
  }
  const { cookie } = await signedInClient(api, { user: people[asker] });
  if (asker === "disabled") {
    await api.database.db.user.update({ where: { id: people.disabled.id }, data: { status: "disabled" } });
  }
  return { cookie };
}

/** What an answer says of the rules; all else is the act's own affair. */
function judge(error: Pick<ErrorBody, "code" | "message"> | null): Expected {
  if (error?.code === "unauthenticated" || error?.code === "forbidden") return error.code;
  if (error?.code === "not_found" && error.message === "There is no such session.") return "not_found";
  return error?.message === "There is no such command." ? "no such command" : "allowed";
}

const expectedOf = (row: Row) => Object.fromEntries(askers.map((asker) => [asker, row[asker]]));

async function askRoute(client: ApiClient, method: Method, path: string, sessionId: string) {
  const filled = path
    .replace("{sessionId}", sessionId)
    .replace("{path}", "notes.txt")
    .replace("{userCode}", "BCDFGHJK")
    .replaceAll(/\{\w+\}/g, () => randomUUID());
  const answer = await client.ask(
    method,
    filled,
    method === "GET" || method === "DELETE" ? {} : { body: {} },
  );
  return judge(answer.body?.error ?? null);
}

describe("every route of the OpenAPI document", () => {
  const { paths } = openApiDocument("test", signInCookieName(publicUrl)) as unknown as {
    paths: Record<string, Record<string, { operationId: RouteName }>>;
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ operationId, method, path })),
  );

  it("is in the table, and nothing else is", () => {
    const named = operations.map(({ operationId }) => operationId).sort();
    expect(Object.keys(routeMatrix).sort()).toEqual(named);
    expect([...routes.keys()].sort()).toEqual(named);
  });

  it.each(operations)("$operationId lets in whom the table says", async ({ operationId, method, path }) => {
    const found: Partial<Record<Asker, Expected>> = {};
    for (const asker of askers) {
      const sessionId = path.includes("{sessionId}")
        ? await sharedSession(asker === "disabled" ? people.disabled : people.owner)
        : "";
      const client = api.client.with(await headersOf(asker));
      found[asker] = await askRoute(client, method.toUpperCase() as Method, path, sessionId);
    }
    expect(found).toEqual(expectedOf(routeMatrix[operationId]));
  });
});

describe("every command of the protocol", () => {
  it("is in the table, and nothing else is", () => {
    expect(Object.keys(commandMatrix).sort()).toEqual([...commands.keys()].sort());
  });

  it.each([...askers])("lets in whom the table says: %s", async (asker) => {
    const sessionId = await sharedSession(asker === "disabled" ? people.disabled : people.owner);
    const { authorization, ...headers } = await headersOf(asker);
    const token = authorization?.replace("Bearer ", "");
    const found: Record<string, Expected> = {};
    const socket = await connectSocket(api, headers, token === undefined ? {} : { token }).catch(
      (error: Error & { data: ErrorBody }) => error.data,
    );
    for (const type of commands.keys()) {
      if ("code" in socket) found[type] = judge(socket);
      else found[type] = judge((await socket.send(type, sessionId, {})).error ?? null);
    }
    if (!("code" in socket)) socket.socket.disconnect();
    expect(found).toEqual(
      Object.fromEntries(Object.entries(commandMatrix).map(([type, row]) => [type, row[asker]])),
    );
  });
});
