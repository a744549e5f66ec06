-- What terminals showed: the metadata; the recordings themselves are sealed chunks in artifact storage. They outlive
-- the session, as the audit record does.
CREATE TABLE "recordings" (
  "id" UUID NOT NULL,
  "session_id" UUID NOT NULL,
  "session_name" TEXT NOT NULL,
  "terminal_id" UUID NOT NULL,
  "title" TEXT NOT NULL,
  "cols" INTEGER NOT NULL,
  "rows" INTEGER NOT NULL,
  "started_at" TIMESTAMPTZ(3) NOT NULL,
  "last_at" TIMESTAMPTZ(3) NOT NULL,
  "ended_at" TIMESTAMPTZ(3),
  "end_reason" TEXT,
  "chunks" INTEGER NOT NULL DEFAULT 0,
  "to_offset" BIGINT NOT NULL DEFAULT 0,
  "to_event" INTEGER NOT NULL DEFAULT 0,
  "gap_bytes" BIGINT NOT NULL DEFAULT 0,
  "size_bytes" BIGINT NOT NULL DEFAULT 0,
  "has_input" BOOLEAN NOT NULL DEFAULT false,
  CONSTRAINT "recordings_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "recordings_end_check" CHECK (("ended_at" IS NULL) = ("end_reason" IS NULL))
);
CREATE UNIQUE INDEX "recordings_session_id_terminal_id_key" ON "recordings"("session_id", "terminal_id");
CREATE INDEX "recordings_last_at_idx" ON "recordings"("last_at");

CREATE TABLE "recording_chunks" (
  "recording_id" UUID NOT NULL,
  "number" INTEGER NOT NULL,
  "from_offset" BIGINT NOT NULL,
  "to_offset" BIGINT NOT NULL,
  "storage_key" TEXT NOT NULL,
  "key_id" TEXT NOT NULL,
  "size_bytes" INTEGER NOT NULL,
  CONSTRAINT "recording_chunks_pkey" PRIMARY KEY ("recording_id", "number")
);
ALTER TABLE "recording_chunks" ADD CONSTRAINT "recording_chunks_recording_id_fkey"
  FOREIGN KEY ("recording_id") REFERENCES "recordings"("id") ON DELETE CASCADE ON UPDATE CASCADE;
