-- Who stands behind a provider's id, which of its sessions a sign-in belongs to, and which tokens are devices'.

-- DropIndex
DROP INDEX "user_identities_provider_subject_key";

-- AlterTable
ALTER TABLE "sign_in_links" ADD COLUMN     "provider_session_hash" TEXT;

-- AlterTable
ALTER TABLE "sign_ins" ADD COLUMN     "provider_session_hash" TEXT;

-- AlterTable
ALTER TABLE "tokens" ADD COLUMN     "device" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "user_identities" ADD COLUMN     "issuer" TEXT NOT NULL DEFAULT '';

-- CreateIndex
CREATE INDEX "sign_ins_provider_session_hash_idx" ON "sign_ins"("provider_session_hash");

-- CreateIndex
CREATE UNIQUE INDEX "user_identities_provider_issuer_subject_key" ON "user_identities"("provider", "issuer", "subject");

-- What the schema file cannot say.
ALTER TABLE "sign_ins" ADD CONSTRAINT "sign_ins_provider_session_hash_check"
  CHECK ("provider_session_hash" ~ '^[0-9a-f]{64}$');
ALTER TABLE "sign_in_links" ADD CONSTRAINT "sign_in_links_provider_session_hash_check"
  CHECK ("provider_session_hash" ~ '^[0-9a-f]{64}$');
ALTER TABLE "provider_messages"
  DROP CONSTRAINT "provider_messages_kind_check",
  ADD CONSTRAINT "provider_messages_kind_check" CHECK ("kind" IN ('request', 'assertion', 'logout'));

-- The device flow named its tokens so.
UPDATE "tokens" SET "device" = true WHERE "name" LIKE '% (device)';
