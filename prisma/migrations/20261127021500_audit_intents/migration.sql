-- Acts in sessions that are under way: whoever finds one whose api is gone asks the session how it ended, and sees to
-- it that the record says so.
CREATE TABLE "audit_intents" (
  "id" UUID NOT NULL,
  "session_id" UUID NOT NULL,
  "entry" JSONB NOT NULL,
  "recorded" BOOLEAN NOT NULL,
  "holder" TEXT NOT NULL,
  "begun_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "heartbeat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "audit_intents_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "audit_intents_heartbeat_at_idx" ON "audit_intents"("heartbeat_at");
