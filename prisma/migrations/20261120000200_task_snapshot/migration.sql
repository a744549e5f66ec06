-- A task that is tried again still makes its patch from where it began.
ALTER TABLE "tasks" ADD COLUMN "snapshot" TEXT;
