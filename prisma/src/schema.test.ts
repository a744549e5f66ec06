import { readFileSync } from "node:fs";
import * as protocol from "@remote-claude/protocol";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diagnoseHistory, diffWithSchema, schemaFile } from "./testing/schema-engine.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";

let database: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

describe("schema.prisma", () => {
  it("says what the migrations make", async () => {
    expect(await diffWithSchema(database.ownerUrl)).toBeNull();
  });

  it.each([
    ["a column", '  failedSignIns      Int              @default(0) @map("failed_sign_ins")\n', ""],
    ["a type", "seq            Int", "seq            BigInt"],
    ["nullability", "  target     String?", "  target     String"],
    ["a default", "status             UserStatus       @default(active)", "status             UserStatus"],
    ["an index", "  @@index([taskId])\n", ""],
    ["a foreign key", "onDelete: SetNull", "onDelete: Cascade"],
    ["a value of an enum", "  bypassPermissions\n", ""],
  ])("would be found to differ in %s", async (_, text, other) => {
    const schema = readFileSync(schemaFile, "utf8");
    expect(schema).toContain(text);
    expect(await diffWithSchema(database.ownerUrl, schema.replace(text, other))).toMatch(
      /alter|drop|create/i,
    );
  });

  it("has a history that Prisma's own engine accepts", async () => {
    const diagnosis = await diagnoseHistory(database.ownerUrl);
    expect(diagnosis.editedMigrationNames).toEqual([]);
    expect(diagnosis.failedMigrationNames).toEqual([]);
    expect(diagnosis.history).toBeNull();
    expect(diagnosis.hasMigrationsTable).toBe(true);
  });
});

describe("closed lists are the protocol's", () => {
  it.each([
    ["organisation_role", protocol.OrganisationRole.options],
    ["session_state", protocol.SessionState.options],
    ["session_role", protocol.SessionRole.options],
    ["isolation", protocol.Isolation.options],
    ["place_state", protocol.PlaceState.options],
    ["conversation_state", protocol.ConversationState.options],
    ["permission_mode", protocol.PermissionMode.options],
    ["task_state", protocol.TaskState.options],
    ["artifact_kind", protocol.Artifact.shape.kind.options],
    ["audit_actor_kind", protocol.AuditActorKind.options],
    ["audit_result", protocol.AuditResult.options],
  ])("%s", async (type, options) => {
    const { rows } = await owner.query<{ value: string }>(
      "select enumlabel as value from pg_enum where enumtypid = $1::regtype order by enumsortorder",
      [type],
    );
    expect(rows.map(({ value }) => value)).toEqual(options);
  });

  it("stop_reason takes each of them and nothing else", async () => {
    const { rows } = await owner.query<{ definition: string }>(
      "select pg_get_constraintdef(oid) as definition from pg_constraint where conname = 'sessions_stop_reason_check'",
    );
    const listed = [...(rows[0]?.definition ?? "").matchAll(/'([a-z-]+)'/g)].map((match) => match[1]);
    expect(listed).toEqual(protocol.StopReason.options);
  });
});
