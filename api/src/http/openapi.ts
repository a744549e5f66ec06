import * as protocol from "@remote-claude/protocol";
import {
  ErrorBody,
  type ErrorCode,
  errorTable,
  getOpenApi,
  type RouteDefinition,
  type RouteName,
  routes,
} from "@remote-claude/protocol";
import { z } from "zod";
import { implement } from "./implement.ts";
import { routeLimits } from "./limits.ts";

type Json = Record<string, unknown>;

/** Schemas that the document names once and refers to. */
const components = z.registry<{ id: string }>();
for (const name of [
  "Session",
  "SessionMember",
  "ShareLink",
  "User",
  "Token",
  "Invitation",
  "SignIn",
  "GitCredential",
  "Conversation",
  "JournalEntry",
  "Task",
  "Artifact",
]) {
  const schema = (protocol as unknown as Record<string, unknown>)[name];
  if (schema instanceof z.ZodType) components.add(schema, { id: name });
}
components.add(ErrorBody, { id: "Error" });

/** Translates schemas, gathering under `schemas` what they refer to. */
function translator(schemas: Json) {
  return (schema: z.ZodType, io: "input" | "output"): Json => {
    const {
      $schema: _,
      $defs,
      ...json
    } = z.toJSONSchema(schema, {
      target: "draft-2020-12",
      metadata: components,
      unrepresentable: "any",
      io,
    }) as Json;
    const id = components.get(schema)?.id;
    const found: Json = { ...($defs as Json | undefined), ...(id === undefined ? {} : { [id]: json }) };
    for (const [name, definition] of Object.entries(found)) schemas[name] ??= relocate(definition);
    return id === undefined ? (relocate(json) as Json) : { $ref: `#/components/schemas/${id}` };
  };
}

/** Definitions live under `components` in OpenAPI, and have no ids of their own there. */
function relocate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocate);
  if (typeof value !== "object" || value === null) return value;
  const { $id: _id, id, ...rest } = value as Json;
  const kept = typeof id === "string" ? rest : { ...rest, ...(id === undefined ? {} : { id }) };
  return Object.fromEntries(
    Object.entries(kept).map(([key, item]) => [
      key,
      key === "$ref" && typeof item === "string"
        ? item.replace("#/$defs/", "#/components/schemas/")
        : relocate(item),
    ]),
  );
}

type Translate = ReturnType<typeof translator>;

function parameters(definition: RouteDefinition, translate: Translate): Json[] {
  const of = (schema: z.ZodType | undefined, where: "path" | "query") => {
    if (schema === undefined) return [];
    const { properties = {}, required = [] } = translate(schema, "input") as {
      properties?: Json;
      required?: string[];
    };
    return Object.entries(properties).map(([name, property]) => ({
      name,
      in: where,
      required: where === "path" || required.includes(name),
      schema: property,
      ...(where === "path" && name === "path"
        ? { description: "A path inside the workspace. Slashes may stand as they are." }
        : {}),
    }));
  };
  return [...of(definition.params, "path"), ...of(definition.query, "query")];
}

const binary = { type: "string", format: "binary" };

function requestBody({ body, accepts }: RouteDefinition, translate: Translate): Json | undefined {
  const content: Json = {};
  if (body !== undefined) content["application/json"] = { schema: translate(body, "input") };
  if (accepts === "application/octet-stream") content[accepts] = { schema: binary };
  if (accepts !== undefined && accepts !== "application/octet-stream")
    content[accepts] = { schema: { type: "object" } };
  return Object.keys(content).length === 0 ? undefined : { required: true, content };
}

/** Which errors a route may answer with, beyond those that every route may. */
function errorsOf(name: RouteName, { needs, errors, params, query, body }: RouteDefinition): ErrorCode[] {
  const codes = new Set<ErrorCode>(errors);
  if (params ?? query ?? body) codes.add("bad_request");
  if (needs !== "nobody") codes.add("unauthenticated");
  if (needs !== "nobody" && needs !== "signed-in") codes.add("forbidden");
  if (needs.startsWith("session.")) codes.add("not_found").add("unavailable");
  if (routeLimits[name] !== undefined) codes.add("rate_limited");
  codes.add("internal");
  return [...codes];
}

function responses(name: RouteName, definition: RouteDefinition, translate: Translate): Json {
  const { reply, answers, status } = definition;
  const content: Json = {};
  if (reply !== undefined) content["application/json"] = { schema: translate(reply, "output") };
  if (answers === "application/octet-stream") content[answers] = { schema: binary };
  else if (answers !== undefined) content[answers] = { schema: { type: "string" } };
  const good = {
    description: status === 204 ? "Done" : "The answer",
    ...(status === 204 ? {} : { content }),
  };
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(name, definition)) {
    const { http } = errorTable[code];
    byStatus.set(http, [...(byStatus.get(http) ?? []), code]);
  }
  const schema = {
    type: "object",
    required: ["error"],
    properties: { error: translate(ErrorBody, "output") },
  };
  const bad = [...byStatus].map(([http, codes]) => [
    String(http),
    {
      description: codes.map((code) => `\`${code}\``).join(", "),
      content: { "application/json": { schema } },
    },
  ]);
  return { [String(status)]: good, ...Object.fromEntries(bad) };
}

function operation(name: RouteName, definition: RouteDefinition, translate: Translate): Json {
  const open = definition.needs === "nobody";
  const body = requestBody(definition, translate);
  return {
    operationId: name,
    summary: definition.summary,
    tags: [definition.path.split("/")[2]],
    security: open ? [] : [{ cookie: [] }, { token: [] }],
    ...(open ? {} : { "x-needs": definition.needs, "x-scope": definition.scope }),
    parameters: parameters(definition, translate),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responses(name, definition, translate),
  };
}

/** The OpenAPI 3.1 document of every route there is. */
export function openApiDocument(version: string, cookieName: string): Json & { openapi: string } {
  const schemas: Json = {};
  const translate = translator(schemas);
  const paths: Record<string, Json> = {};
  for (const [name, definition] of routes) {
    const method = definition.method.toLowerCase();
    paths[definition.path] = { ...paths[definition.path], [method]: operation(name, definition, translate) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Remote Claude",
      version,
      license: { name: "MIT", identifier: "MIT" },
      description:
        "Sign in with `POST /api/auth/login` and keep its cookie, or send a personal access token as " +
        "`Authorization: Bearer`. Every refusal has the body `{ error: { code, message, requestId } }`.",
    },
    paths,
    components: {
      schemas,
      securitySchemes: {
        cookie: { type: "apiKey", in: "cookie", name: cookieName },
        token: { type: "http", scheme: "bearer" },
      },
    },
  };
}

export const openApiRoutes = {
  getOpenApi: implement(getOpenApi, async ({ context: { config } }) =>
    openApiDocument(config.version, protocol.signInCookieName(config.publicUrl)),
  ),
};
