-- Conversations go on from points of others, drafts are kept for their writers, and what was said is found again.

ALTER TABLE "conversations" ADD COLUMN "forked_from_id" UUID;
ALTER TABLE "conversations" ADD COLUMN "forked_at_seq" INTEGER;
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_forked_at_seq_check" CHECK ("forked_at_seq" >= 0);

CREATE TABLE "conversation_drafts" (
    "user_id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "attachments" JSONB NOT NULL DEFAULT '[]',
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "conversation_drafts_pkey" PRIMARY KEY ("user_id", "session_id", "conversation_id")
);
CREATE INDEX "conversation_drafts_session_id_idx" ON "conversation_drafts"("session_id");
ALTER TABLE "conversation_drafts" ADD CONSTRAINT "conversation_drafts_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "conversation_drafts" ADD CONSTRAINT "conversation_drafts_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What a person or Claude says in an event; null for every other. Whatever a session writes into one, this does not
-- fail: an insert that fails would stop the recording. Cut, since a tsvector holds a megabyte.
CREATE FUNCTION "said_in_event"("kind" text, "event" jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF kind IN ('user-message', 'prompt-edited') THEN
    RETURN left(event->>'text', 100000);
  END IF;
  IF kind <> 'sdk' OR event #>> '{message,type}' IS DISTINCT FROM 'assistant'
    OR event #>> '{message,parent_tool_use_id}' IS NOT NULL THEN
    RETURN NULL;
  END IF;
  RETURN left((
    SELECT string_agg(block->>'text', E'\n')
    FROM jsonb_path_query(event, 'lax $.message.message.content[*] ? (@.type == "text")') AS block
  ), 100000);
END
$$;

-- The words of a text, in every language alike. Names of files and of code are taken apart: whoever looks for "router"
-- means src/router.ts and app.router() too.
CREATE FUNCTION "words_of"("said" text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_tsvector('pg_catalog.simple'::regconfig, translate("said", './\_-:;,@#=+*&|<>()[]{}"''`!?$%^~', repeat(' ', 32)));

CREATE INDEX "conversation_events_words_idx" ON "conversation_events"
  USING gin ("words_of"("said_in_event"("kind", "event"))) WHERE "kind" IN ('user-message', 'prompt-edited', 'sdk');
