-- Sessions are shared by link too, and their owners decide who may answer Claude's questions.

CREATE TABLE "share_links" (
    "id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "role" "session_role" NOT NULL,
    "once" BOOLEAN NOT NULL DEFAULT false,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "created_by_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "share_links_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "share_links_hash_key" ON "share_links"("hash");
CREATE INDEX "share_links_session_id_idx" ON "share_links"("session_id");

ALTER TABLE "share_links" ADD CONSTRAINT "share_links_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "share_links" ADD CONSTRAINT "share_links_role_check" CHECK ("role" <> 'owner');
ALTER TABLE "share_links" ADD CONSTRAINT "share_links_once_check" CHECK (NOT "once" OR "uses" <= 1);

ALTER TABLE "session_members" ADD COLUMN "may_answer" BOOLEAN;
ALTER TABLE "session_members" ADD COLUMN "share_link_id" UUID;
ALTER TABLE "session_members" ADD CONSTRAINT "session_members_share_link_id_fkey" FOREIGN KEY ("share_link_id") REFERENCES "share_links"("id") ON DELETE SET NULL ON UPDATE CASCADE;
CREATE INDEX "session_members_share_link_id_idx" ON "session_members"("share_link_id");
