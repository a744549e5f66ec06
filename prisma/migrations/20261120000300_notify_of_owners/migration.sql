-- What a place may do hangs on its session's owner too: egress hears of that as it hears of the place.

CREATE FUNCTION "notify_places_of_user"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('places', "place"."id")
    FROM "places" "place" JOIN "sessions" "session" ON "session"."id" = "place"."session_id"
    WHERE "session"."owner_id" = NEW."id" AND "place"."removed_at" IS NULL;
  RETURN NULL;
END $$;

CREATE TRIGGER "users_notify_places" AFTER UPDATE OF "status", "allowed_models", "monthly_budget_usd" ON "users"
  FOR EACH ROW EXECUTE FUNCTION "notify_places_of_user"();

CREATE FUNCTION "notify_places_of_session"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('places', "place"."id")
    FROM "places" "place" WHERE "place"."session_id" = NEW."id" AND "place"."removed_at" IS NULL;
  RETURN NULL;
END $$;

CREATE TRIGGER "sessions_notify_places" AFTER UPDATE OF "owner_id" ON "sessions"
  FOR EACH ROW EXECUTE FUNCTION "notify_places_of_session"();
