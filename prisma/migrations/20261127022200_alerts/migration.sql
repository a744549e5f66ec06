-- What admins want to be told of at once, and what they were told.
CREATE TABLE "alert_rules" (
  "id" UUID NOT NULL,
  "name" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "enabled" BOOLEAN NOT NULL,
  "threshold" INTEGER NOT NULL,
  "window_minutes" INTEGER NOT NULL,
  "quiet_minutes" INTEGER NOT NULL,
  "channel" TEXT NOT NULL,
  "recipients" TEXT[] NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "alert_rules_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "alerts" (
  "id" UUID NOT NULL,
  "rule_id" UUID NOT NULL,
  "text" TEXT NOT NULL,
  "made_at" TIMESTAMPTZ(3) NOT NULL,
  "suppressed" INTEGER NOT NULL DEFAULT 0,
  "suppressed_text" TEXT,
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "next_try_at" TIMESTAMPTZ(3),
  "last_error" TEXT,
  "sent_at" TIMESTAMPTZ(3),
  CONSTRAINT "alerts_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "alerts_rule_id_made_at_idx" ON "alerts"("rule_id", "made_at");
CREATE INDEX "alerts_next_try_at_idx" ON "alerts"("next_try_at");
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_rule_id_fkey"
  FOREIGN KEY ("rule_id") REFERENCES "alert_rules"("id") ON DELETE CASCADE ON UPDATE CASCADE;
