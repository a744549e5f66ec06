-- Who reads the audit record in order, and how far each has come.
CREATE TABLE "audit_consumers" (
  "name" TEXT NOT NULL,
  "position" JSONB NOT NULL,
  "taken_rows" BIGINT NOT NULL DEFAULT 0,
  "taken_at" TIMESTAMPTZ(3),
  "failing_since" TIMESTAMPTZ(3),
  "last_error" TEXT,
  "holder" TEXT NOT NULL,
  "fence" BIGINT NOT NULL,
  "heartbeat_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "audit_consumers_pkey" PRIMARY KEY ("name")
);
