-- Signing in with the organisation: ids that rotate, one-time codes of providers, second factors, invitations,
-- devices that wait for a token.

-- AlterTable
ALTER TABLE "sign_in_links" ADD COLUMN     "binding" TEXT,
ADD COLUMN     "method" TEXT,
ADD COLUMN     "provider_session" BYTEA;

-- AlterTable
ALTER TABLE "sign_ins" ADD COLUMN     "confirmed_at" TIMESTAMPTZ(3),
ADD COLUMN     "previous_hash" TEXT,
ADD COLUMN     "provider_session" BYTEA,
ADD COLUMN     "rotated_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "totp_enabled_at" TIMESTAMPTZ(3),
ADD COLUMN     "totp_last_step" INTEGER,
ADD COLUMN     "totp_secret" BYTEA;

-- CreateTable
CREATE TABLE "retired_sign_in_ids" (
    "hash" TEXT NOT NULL,
    "sign_in_id" UUID NOT NULL,
    "retired_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "retired_sign_in_ids_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "recovery_codes" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "recovery_codes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invitations" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "role" "organisation_role" NOT NULL DEFAULT 'member',
    "hash" TEXT NOT NULL,
    "invited_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "device_grants" (
    "id" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "user_code" TEXT NOT NULL,
    "client_name" TEXT NOT NULL,
    "scopes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "address" TEXT,
    "user_id" UUID,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_polled_at" TIMESTAMPTZ(3),

    CONSTRAINT "device_grants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider_messages" (
    "kind" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "value" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "provider_messages_pkey" PRIMARY KEY ("kind","id")
);

-- CreateIndex
CREATE INDEX "retired_sign_in_ids_sign_in_id_idx" ON "retired_sign_in_ids"("sign_in_id");

-- CreateIndex
CREATE UNIQUE INDEX "recovery_codes_user_id_hash_key" ON "recovery_codes"("user_id", "hash");

-- CreateIndex
CREATE UNIQUE INDEX "invitations_hash_key" ON "invitations"("hash");

-- CreateIndex
CREATE INDEX "invitations_email_idx" ON "invitations"("email");

-- CreateIndex
CREATE INDEX "invitations_created_at_idx" ON "invitations"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "device_grants_hash_key" ON "device_grants"("hash");

-- CreateIndex
CREATE UNIQUE INDEX "device_grants_user_code_key" ON "device_grants"("user_code");

-- CreateIndex
CREATE INDEX "device_grants_user_id_idx" ON "device_grants"("user_id");

-- CreateIndex
CREATE INDEX "device_grants_expires_at_idx" ON "device_grants"("expires_at");

-- CreateIndex
CREATE INDEX "provider_messages_expires_at_idx" ON "provider_messages"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "sign_ins_previous_hash_key" ON "sign_ins"("previous_hash");

-- AddForeignKey
ALTER TABLE "retired_sign_in_ids" ADD CONSTRAINT "retired_sign_in_ids_sign_in_id_fkey" FOREIGN KEY ("sign_in_id") REFERENCES "sign_ins"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_invited_by_id_fkey" FOREIGN KEY ("invited_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device_grants" ADD CONSTRAINT "device_grants_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the schema file cannot say.
ALTER TABLE "sign_ins" ADD CONSTRAINT "sign_ins_previous_hash_check" CHECK ("previous_hash" ~ '^[0-9a-f]{64}$');
ALTER TABLE "retired_sign_in_ids" ADD CONSTRAINT "retired_sign_in_ids_hash_check" CHECK ("hash" ~ '^[0-9a-f]{64}$');
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_hash_check" CHECK ("hash" ~ '^[0-9a-f]{64}$');
ALTER TABLE "invitations"
  ADD CONSTRAINT "invitations_hash_check" CHECK ("hash" ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT "invitations_email_check" CHECK ("email" = lower("email") AND "email" <> '');
ALTER TABLE "device_grants"
  ADD CONSTRAINT "device_grants_hash_check" CHECK ("hash" ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT "device_grants_state_check" CHECK ("state" IN ('pending', 'approved', 'denied', 'used'));
ALTER TABLE "provider_messages"
  ADD CONSTRAINT "provider_messages_kind_check" CHECK ("kind" IN ('request', 'assertion'));
