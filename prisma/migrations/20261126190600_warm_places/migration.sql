-- What a place of the warm pool was made from: one that was made from anything else is claimed by nobody.

ALTER TABLE "places" ADD COLUMN "made_from" TEXT;
