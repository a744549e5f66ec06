-- Effort, thinking and limits of a conversation, as far as anything was set.
ALTER TABLE "conversations" ADD COLUMN "steering" JSONB NOT NULL DEFAULT '{}';
