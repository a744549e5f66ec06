-- The one verification of the audit record that runs or ran last, and what reviewers keep to look at again.
CREATE TABLE "audit_verifications" (
  "id" INTEGER NOT NULL,
  "run" UUID NOT NULL,
  "state" TEXT NOT NULL,
  "seals" INTEGER NOT NULL DEFAULT 0,
  "rows" BIGINT NOT NULL DEFAULT 0,
  "of" INTEGER NOT NULL DEFAULT 0,
  "stopping" BOOLEAN NOT NULL DEFAULT false,
  "started_by_id" UUID NOT NULL,
  "started_by_name" TEXT NOT NULL,
  "started_at" TIMESTAMPTZ(3) NOT NULL,
  "ended_at" TIMESTAMPTZ(3),
  "heartbeat_at" TIMESTAMPTZ(3) NOT NULL,
  "report" JSONB,
  "message" TEXT,
  CONSTRAINT "audit_verifications_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "audit_verifications"
  ADD CONSTRAINT "audit_verifications_id_check" CHECK ("id" = 1),
  ADD CONSTRAINT "audit_verifications_state_check" CHECK ("state" IN ('running', 'done', 'failed'));

CREATE TABLE "audit_views" (
  "id" UUID NOT NULL,
  "user_id" UUID NOT NULL,
  "name" TEXT NOT NULL,
  "search" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "audit_views_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "audit_views_user_id_name_key" ON "audit_views"("user_id", "name");
ALTER TABLE "audit_views" ADD CONSTRAINT "audit_views_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
