-- What a session may do hangs on the organisation's settings too: egress hears of a change there as of a place. `*`
-- stands for every place. Once per statement: a page of settings is saved in one transaction.

CREATE FUNCTION "notify_places_of_settings"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('places', '*');
  RETURN NULL;
END $$;

CREATE TRIGGER "settings_notify_places" AFTER INSERT OR UPDATE OR DELETE ON "settings"
  FOR EACH STATEMENT EXECUTE FUNCTION "notify_places_of_settings"();
