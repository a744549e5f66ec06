-- What a list may show of a credential, so that nobody has to open it for that.
ALTER TABLE "git_credentials"
  ADD COLUMN "hint" TEXT NOT NULL DEFAULT '',
  ADD CONSTRAINT "git_credentials_hint_check" CHECK (length("hint") <= 4),
  ADD CONSTRAINT "git_credentials_host_check" CHECK ("host" = lower("host") AND "host" <> '');
