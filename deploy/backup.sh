#!/bin/sh
# What the services `backup` and `restore` of docker-compose.yml run.
#   backup             makes /backups/<time>: the database, the secrets, the artifacts and the workspaces
#   restore <time>     puts all of it back, in place of what is there
set -eu
umask 077

say() { echo "● $*"; }
die() { echo "✗ $*" >&2; exit 1; }

read_owner_url() { owner_url=${DATABASE_OWNER_URL:-$(cat "$DATABASE_OWNER_URL_FILE")}; }
# Of the running server: restored over, nobody could sign in to it any more.
keep='database-owner-password database-owner-url'

backup() {
  read_owner_url
  name=$(date -u +%Y-%m-%dT%H-%M-%SZ)
  target=/backups/$name
  rm -rf /backups/.partial-* && mkdir "/backups/.partial-$name" && cd "/backups/.partial-$name"
  # Storage first: a copy of the audit record that the database notes meanwhile is made again after a restore, while one
  # of a seal that the database does not have would tell of a history that was taken back.
  for volume in storage secrets places; do
    if [ "$volume" = secrets ]; then
      say "the database"
      pg_dump --format=custom --no-owner --dbname="$owner_url" --file=database.dump
    fi
    say "$volume"
    tar --create --gzip --sparse --numeric-owner --file="$volume.tar.gz" --directory="/volumes/$volume" .
  done
  sha256sum ./* > SHA256SUMS
  # Under its name only when it is whole.
  mv "/backups/.partial-$name" "$target"
  say "done: $(du -sh "$target" | cut -f1) in backups/$name. It holds every secret: keep it as safe as the server."
}

restore() {
  [ -n "${1:-}" ] || die "which one? There are: $(cd /backups && ls -d ./*/ 2> /dev/null | tr -d './' | tr '\n' ' ')"
  cd "/backups/$1" 2> /dev/null || die "there is no backups/$1"
  sha256sum --check --quiet SHA256SUMS || die "the backup is damaged; nothing was changed"
  read_owner_url
  if getent hosts api > /dev/null; then die "the product runs: docker compose down, then again"; fi

  say "the database"
  psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 "$owner_url" > /dev/null << SQL
do \$\$
declare name text;
begin
  for name in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
    execute format('drop schema %I cascade', name);
  end loop;
  -- The dump grants to it; the migration that follows at the next start gives it its password.
  if not exists (select from pg_roles where rolname = '${DATABASE_APP_ROLE:-remote_claude_app}') then
    create role ${DATABASE_APP_ROLE:-remote_claude_app};
  end if;
end \$\$;
create schema public authorization pg_database_owner;
grant usage on schema public to public;
SQL
  pg_restore --no-owner --exit-on-error --dbname="$owner_url" database.dump
  for volume in storage places; do
    say "$volume"
    find "/volumes/$volume" -mindepth 1 -delete
    tar --extract --gzip --sparse --numeric-owner --same-permissions --file="$volume.tar.gz" --directory="/volumes/$volume"
  done
  say "secrets"
  kept=$(mktemp -d)
  for secret in $keep; do cp -p "/volumes/secrets/$secret" "$kept/"; done
  find /volumes/secrets -mindepth 1 -delete
  tar --extract --gzip --numeric-owner --same-permissions --file=secrets.tar.gz --directory=/volumes/secrets
  for secret in $keep; do cp -p "$kept/$secret" "/volumes/secrets/$secret"; done
  say "done: docker compose up -d"
}

case ${1:-} in
  backup) backup ;;
  restore) restore "${2:-}" ;;
  *) die "backup, or restore <time>" ;;
esac
