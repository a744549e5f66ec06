ALTER TYPE "session_state" ADD VALUE 'paused' AFTER 'running';

-- When and why the session is going to be stopped or paused, once people have been told.
ALTER TABLE "sessions"
  ADD COLUMN "stops_at" TIMESTAMPTZ(3),
  ADD COLUMN "stops_reason" TEXT,
  ADD COLUMN "stops_action" TEXT,
  ADD CONSTRAINT "sessions_stops_reason_check" CHECK ("stops_reason" IN ('idle', 'max-duration')),
  ADD CONSTRAINT "sessions_stops_action_check" CHECK ("stops_action" IN ('stop', 'pause')),
  ADD CONSTRAINT "sessions_stops_check" CHECK (num_nulls("stops_at", "stops_reason", "stops_action") IN (0, 3));
