-- What the schema file cannot say: checks, triggers, and the months of the audit record.

-- ── Checks ──────────────────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE "users"
  ADD CONSTRAINT "users_email_check" CHECK ("email" = lower("email") AND "email" <> '');

ALTER TABLE "sign_ins" ADD CONSTRAINT "sign_ins_hash_check" CHECK ("hash" ~ '^[0-9a-f]{64}$');
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_hash_check" CHECK ("hash" ~ '^[0-9a-f]{64}$');
ALTER TABLE "sign_in_links"
  ADD CONSTRAINT "sign_in_links_hash_check" CHECK ("hash" ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT "sign_in_links_purpose_check" CHECK ("purpose" IN ('link', 'code'));

ALTER TABLE "sessions"
  ADD CONSTRAINT "sessions_stop_reason_check" CHECK ("stop_reason" IN (
    'by-user', 'by-admin', 'idle', 'max-duration', 'clone-failed', 'archive-failed', 'start-failed', 'agent-lost',
    'out-of-memory', 'disk-full', 'service-stopped'
  )),
  ADD CONSTRAINT "sessions_size_bytes_check" CHECK ("size_bytes" >= 0);

ALTER TABLE "session_members"
  ADD CONSTRAINT "session_members_role_check" CHECK ("role" <> 'owner');

ALTER TABLE "places" ADD CONSTRAINT "places_id_check" CHECK ("id" ~ '^[a-z2-7]{12}$');

ALTER TABLE "conversations" ADD CONSTRAINT "conversations_last_seq_check" CHECK ("last_seq" >= 0);
ALTER TABLE "conversation_events" ADD CONSTRAINT "conversation_events_seq_check" CHECK ("seq" > 0);

ALTER TABLE "artifacts"
  ADD CONSTRAINT "artifacts_sha256_check" CHECK ("sha256" ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT "artifacts_size_bytes_check" CHECK ("size_bytes" >= 0);

ALTER TABLE "model_usage"
  ADD CONSTRAINT "model_usage_amounts_check" CHECK (
    "input_tokens" >= 0 AND "output_tokens" >= 0 AND "cache_read_tokens" >= 0 AND "cache_write_tokens" >= 0
    AND "cost_usd" >= 0
  );

-- ── Places: egress listens for whatever changes here ────────────────────────────────────────────────────────────

CREATE FUNCTION "notify_places"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('places', CASE WHEN TG_OP = 'DELETE' THEN OLD."id" ELSE NEW."id" END);
  RETURN NULL;
END $$;

CREATE TRIGGER "places_notify" AFTER INSERT OR UPDATE OR DELETE ON "places"
  FOR EACH ROW EXECUTE FUNCTION "notify_places"();

-- ── Usage: every request counts once, in its day and in its session ─────────────────────────────────────────────

CREATE FUNCTION "add_model_usage"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "usage_days" AS "sum" (
    "day", "user_id", "model", "requests",
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_usd"
  ) VALUES (
    (NEW."at" AT TIME ZONE 'UTC')::date, NEW."user_id", NEW."model", 1,
    NEW."input_tokens", NEW."output_tokens", NEW."cache_read_tokens", NEW."cache_write_tokens", NEW."cost_usd"
  )
  ON CONFLICT ("user_id", "day", "model") DO UPDATE SET
    "requests" = "sum"."requests" + 1,
    "input_tokens" = "sum"."input_tokens" + EXCLUDED."input_tokens",
    "output_tokens" = "sum"."output_tokens" + EXCLUDED."output_tokens",
    "cache_read_tokens" = "sum"."cache_read_tokens" + EXCLUDED."cache_read_tokens",
    "cache_write_tokens" = "sum"."cache_write_tokens" + EXCLUDED."cache_write_tokens",
    "cost_usd" = "sum"."cost_usd" + EXCLUDED."cost_usd";
  IF NEW."session_id" IS NOT NULL AND NEW."cost_usd" > 0 THEN
    UPDATE "sessions" SET "cost_usd" = "cost_usd" + NEW."cost_usd" WHERE "id" = NEW."session_id";
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER "model_usage_add" AFTER INSERT ON "model_usage"
  FOR EACH ROW EXECUTE FUNCTION "add_model_usage"();

-- ── Audit: rows are added, never changed ────────────────────────────────────────────────────────────────────────

-- The partitions live apart, where the services' role has no grants: it reaches them through the table alone.
CREATE SCHEMA "audit_partitions";

CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit record is never changed (% on %)', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER "audit_logs_keep" BEFORE UPDATE OR DELETE ON "audit_logs"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "audit_logs_keep_all" BEFORE TRUNCATE ON "audit_logs"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "audit_seals_keep" BEFORE UPDATE OR DELETE ON "audit_seals"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "audit_seals_keep_all" BEFORE TRUNCATE ON "audit_seals"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "audit_seal_rows_keep" BEFORE UPDATE OR DELETE ON "audit_seal_rows"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "audit_seal_rows_keep_all" BEFORE TRUNCATE ON "audit_seal_rows"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

-- Takes rows of months that nobody prepared, so that an insert never fails.
CREATE TABLE "audit_partitions"."audit_logs_default" PARTITION OF "audit_logs" DEFAULT;
CREATE TRIGGER "audit_logs_default_keep_all" BEFORE TRUNCATE ON "audit_partitions"."audit_logs_default"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

-- Makes the partitions of this month (UTC) and of those ahead, as the owner, whoever calls it; returns how many it
-- made. Run by the migrations and daily by the api. A month whose rows already went to the default partition stays
-- there: they are found all the same.
CREATE FUNCTION "ensure_audit_partitions"("months_ahead" integer DEFAULT 3) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET timezone = 'UTC'
AS $$
DECLARE
  "month" timestamptz := date_trunc('month', now());
  "last" timestamptz := date_trunc('month', now()) + make_interval(months => least(greatest("months_ahead", 0), 24));
  "name" text;
  "made" integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('ensure_audit_partitions'));
  WHILE "month" <= "last" LOOP
    "name" := 'audit_logs_' || to_char("month", 'YYYY_MM');
    IF to_regclass('audit_partitions.' || "name") IS NULL THEN
      BEGIN
        EXECUTE format(
          'CREATE TABLE audit_partitions.%I PARTITION OF public.audit_logs FOR VALUES FROM (%L) TO (%L)',
          "name", "month", "month" + interval '1 month');
        EXECUTE format(
          'CREATE TRIGGER %I BEFORE TRUNCATE ON audit_partitions.%I FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()',
          "name" || '_keep_all', "name");
        "made" := "made" + 1;
      EXCEPTION WHEN check_violation THEN
        RAISE NOTICE 'rows of % stay in the default partition', to_char("month", 'YYYY-MM');
      END;
    END IF;
    "month" := "month" + interval '1 month';
  END LOOP;
  RETURN "made";
END $$;

REVOKE ALL ON FUNCTION "ensure_audit_partitions"(integer) FROM PUBLIC;
