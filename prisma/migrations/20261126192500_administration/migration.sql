-- People whose name and ways in were taken away, and what was said about their budgets.

ALTER TABLE "users" ADD COLUMN "deleted_at" TIMESTAMPTZ(3);
ALTER TABLE "users" ADD CONSTRAINT "users_deleted_check" CHECK ("deleted_at" IS NULL OR "status" = 'disabled');

CREATE TABLE "budget_notices" (
    "user_id" UUID NOT NULL,
    "month" DATE NOT NULL,
    "percent" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "budget_notices_pkey" PRIMARY KEY ("user_id","month","percent")
);

ALTER TABLE "budget_notices" ADD CONSTRAINT "budget_notices_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
