-- What proves the audit record: keys, copies in artifact storage, and what retention removed.

-- ── Keys ────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE "audit_keys" (
  "id" TEXT NOT NULL,
  "public_key" BYTEA NOT NULL,
  "endorsed_by" TEXT,
  "endorsement" BYTEA,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "audit_keys_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "audit_keys_id_check" CHECK ("id" ~ '^[0-9a-f]{64}$'),
  CONSTRAINT "audit_keys_endorsement_check" CHECK (("endorsed_by" IS NULL) = ("endorsement" IS NULL))
);

-- ── Seals ───────────────────────────────────────────────────────────────────────────────────────────────────────

-- Transaction ids start anew where a dump is restored: a seal says in which cluster its own count.
ALTER TABLE "audit_seals"
  ADD COLUMN "cluster" TEXT NOT NULL,
  ALTER COLUMN "snapshot_xmin" DROP DEFAULT,
  -- Seals never change, and the copy is made after them.
  DROP COLUMN "storage_key",
  ADD CONSTRAINT "audit_seals_number_check" CHECK ("number" > 0),
  ADD CONSTRAINT "audit_seals_row_count_check" CHECK ("row_count" > 0);

CREATE TABLE "audit_seal_copies" (
  "seal_id" UUID NOT NULL,
  "key" TEXT NOT NULL,
  "stored_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "audit_seal_copies_pkey" PRIMARY KEY ("seal_id")
);
ALTER TABLE "audit_seal_copies" ADD CONSTRAINT "audit_seal_copies_seal_id_fkey"
  FOREIGN KEY ("seal_id") REFERENCES "audit_seals"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ── Tombstones ──────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE "audit_tombstones" (
  "seal_id" UUID NOT NULL,
  "removed_at" TIMESTAMPTZ(3) NOT NULL,
  "retention_days" INTEGER NOT NULL,
  "key_id" TEXT NOT NULL,
  "signature" BYTEA NOT NULL,
  CONSTRAINT "audit_tombstones_pkey" PRIMARY KEY ("seal_id")
);
ALTER TABLE "audit_tombstones" ADD CONSTRAINT "audit_tombstones_seal_id_fkey"
  FOREIGN KEY ("seal_id") REFERENCES "audit_seals"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TRIGGER "audit_keys_keep" BEFORE UPDATE OR DELETE ON "audit_keys"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "audit_keys_keep_all" BEFORE TRUNCATE ON "audit_keys"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "audit_seal_copies_keep" BEFORE UPDATE OR DELETE ON "audit_seal_copies"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "audit_seal_copies_keep_all" BEFORE TRUNCATE ON "audit_seal_copies"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "audit_tombstones_keep" BEFORE UPDATE OR DELETE ON "audit_tombstones"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "audit_tombstones_keep_all" BEFORE TRUNCATE ON "audit_tombstones"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

-- ── Retention ───────────────────────────────────────────────────────────────────────────────────────────────────

-- Rows of a whole batch may go, by the function below alone: it leaves the tombstone in the same transaction.
CREATE OR REPLACE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW'
    AND (TG_TABLE_NAME = 'audit_seal_rows' OR TG_TABLE_SCHEMA = 'audit_partitions')
    AND current_setting('remote_claude.retention', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the audit record is never changed (% on %)', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;

-- Removes the rows of one sealed batch and says so by a tombstone, signed by the caller. The seal stays: the chain
-- holds without them. Refuses a batch with a row younger than thirty days, by the rows themselves, whoever asks and
-- whatever the seal says. Returns how many rows went.
CREATE FUNCTION "retire_audit_batch"(
  "batch" uuid, "removed" timestamptz, "days" integer, "signer" text, "signed" bytea
) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  "newest" timestamptz;
  "gone" integer;
BEGIN
  SELECT max("log"."at") INTO "newest"
    FROM public.audit_logs AS "log" JOIN public.audit_seal_rows AS "held"
      ON "log"."id" = "held"."audit_id" AND "log"."at" = "held"."audit_at"
    WHERE "held"."seal_id" = "batch";
  IF "newest" IS NULL THEN
    RAISE EXCEPTION 'there is no such batch, or no row is left of it' USING ERRCODE = 'no_data_found';
  END IF;
  IF "days" < 30 OR "newest" > now() - make_interval(days => "days") THEN
    RAISE EXCEPTION 'the batch is not old enough to be removed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO public.audit_tombstones ("seal_id", "removed_at", "retention_days", "key_id", "signature")
    VALUES ("batch", "removed", "days", "signer", "signed");
  PERFORM set_config('remote_claude.retention', 'on', true);
  DELETE FROM public.audit_logs AS "log" USING public.audit_seal_rows AS "held"
    WHERE "held"."seal_id" = "batch" AND "log"."id" = "held"."audit_id" AND "log"."at" = "held"."audit_at";
  GET DIAGNOSTICS "gone" = ROW_COUNT;
  DELETE FROM public.audit_seal_rows WHERE "seal_id" = "batch";
  PERFORM set_config('remote_claude.retention', 'off', true);
  RETURN "gone";
END $$;

REVOKE ALL ON FUNCTION "retire_audit_batch"(uuid, timestamptz, integer, text, bytea) FROM PUBLIC;
