-- Nobody is locked out by failed attempts: a stranger could lock anybody. The brake on guessing counts elsewhere.
ALTER TABLE "users" DROP COLUMN "locked_until";
