#!/usr/bin/env bash
# Starts PostgreSQL as the official image does, from its documentation: variables POSTGRES_* and their _FILE forms,
# a first initialization with /docker-entrypoint-initdb.d, no start without a password or over another major's data.
set -Eeo pipefail
shopt -s nullglob
initdb_scripts=/docker-entrypoint-initdb.d

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# setting NAME [DEFAULT]: exports NAME from NAME or from the file that NAME_FILE names.
setting() {
  local name=$1 file=$1_FILE
  if [ -n "${!name}" ] && [ -n "${!file}" ]; then
    fail "error: both $name and $file are set (but are exclusive)"
  fi
  local value=${!name:-$2}
  if [ -n "${!file}" ]; then value=$(< "${!file}"); fi
  export "$name=$value"
  unset "$file"
}

# Data that this major cannot read, where the documentation of this image, or of an older one, puts it.
check_older_data() {
  local folder found=()
  if [ "$PGDATA" != "/var/lib/postgresql/$PG_MAJOR/docker" ]; then return; fi
  for folder in /var/lib/postgresql /var/lib/postgresql/data /var/lib/postgresql/*/docker; do
    if [ -s "$folder/PG_VERSION" ]; then found+=("$folder"); fi
  done
  if [ ${#found[@]} = 0 ] && [ "$PG_MAJOR" -ge 18 ] && mountpoint -q /var/lib/postgresql/data; then
    found=("/var/lib/postgresql/data (unused mount/volume)")
  fi
  if [ ${#found[@]} != 0 ]; then
    fail "Error: in 18+, these Docker images are configured to store database data in a" \
      "       format which is compatible with \"pg_ctlcluster\" (specifically, using" \
      "       major-version-specific directory names)." \
      "" \
      "       Counter to that, there appears to be PostgreSQL data in:" \
      "         ${found[*]}" \
      "" \
      "       This is usually the result of upgrading the Docker image without" \
      "       upgrading the underlying database using \"pg_upgrade\" (which requires both" \
      "       versions)."
  fi
}

check_password() {
  if [ "$POSTGRES_HOST_AUTH_METHOD" = trust ]; then
    echo "WARNING: POSTGRES_HOST_AUTH_METHOD has been set to \"trust\": anyone with access" \
      "to the Postgres port can use the database without a password." >&2
  elif [ -z "$POSTGRES_PASSWORD" ]; then
    fail "Error: Database is uninitialized and superuser password is not specified." \
      "       You must specify POSTGRES_PASSWORD to a non-empty value for the" \
      "       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\"."
  fi
}

make_folders() {
  mkdir -p "$PGDATA" /var/run/postgresql
  chmod 00700 "$PGDATA" || :
  chmod 03775 /var/run/postgresql || :
  if [ -n "$POSTGRES_INITDB_WALDIR" ]; then
    mkdir -p "$POSTGRES_INITDB_WALDIR"
    chmod 700 "$POSTGRES_INITDB_WALDIR"
  fi
  if [ "$(id -u)" = 0 ]; then
    find "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} /var/run/postgresql \
      \! -user postgres -exec chown postgres {} +
  fi
}

# initdb asks the system who it is, and a user id given by --user may have no name.
name_this_user() {
  if getent passwd "$(id -u)" >/dev/null || [ -n "$LD_PRELOAD" ]; then return; fi
  local library
  for library in /usr/lib/*/libnss_wrapper.so; do
    NSS_WRAPPER_PASSWD=$(mktemp)
    NSS_WRAPPER_GROUP=$(mktemp)
    export LD_PRELOAD=$library NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
    echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" > "$NSS_WRAPPER_PASSWD"
    echo "postgres:x:$(id -g):" > "$NSS_WRAPPER_GROUP"
  done
}

initialize() {
  name_this_user
  # The socket is where Debian's programs have it. POSTGRES_INITDB_ARGS are several arguments.
  # shellcheck disable=SC2086
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
    --set unix_socket_directories=/var/run/postgresql \
    ${POSTGRES_INITDB_WALDIR:+--waldir="$POSTGRES_INITDB_WALDIR"} $POSTGRES_INITDB_ARGS
  if [ -n "$NSS_WRAPPER_PASSWD" ]; then
    rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
    unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
  fi
  local method
  method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption)}
  printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
}

sql() {
  psql --variable ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$POSTGRES_USER" \
    ${database:+--dbname "$database"} "$@"
}

run_scripts() {
  local script
  for script in "$initdb_scripts"/*; do
    echo "$0: running $script"
    # shellcheck disable=SC1090
    case $script in
      *.sh) if [ -x "$script" ]; then "$script"; else . "$script"; fi ;;
      *.sql) sql --file "$script" ;;
      *.sql.gz) gunzip -c "$script" | sql ;;
      *.sql.xz) xzcat "$script" | sql ;;
      *.sql.zst) zstd -dc "$script" | sql ;;
      *) echo "$0: ignoring $script" ;;
    esac
  done
}

# On a socket alone, whatever the options say, so that no client takes it for the real one.
first_start() {
  local options
  options=$(printf '%q ' "${@:2}" -c listen_addresses= -p 5432)
  export PGPASSWORD="${PGPASSWORD:-$POSTGRES_PASSWORD}"
  PGUSER="${PGUSER:-$POSTGRES_USER}" \
    pg_ctl --pgdata "$PGDATA" --options "$options" --wait start
  local exists database=
  exists=$(database=postgres sql --tuples-only --no-align --variable db="$POSTGRES_DB" \
    <<< "SELECT 1 FROM pg_database WHERE datname = :'db';")
  if [ -z "$exists" ]; then
    database=postgres sql --variable db="$POSTGRES_DB" <<< 'CREATE DATABASE :"db";'
  fi
  database=$POSTGRES_DB
  run_scripts
  PGUSER="${PGUSER:-postgres}" pg_ctl --pgdata "$PGDATA" --mode fast --wait stop
  unset PGPASSWORD
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

if [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi
case "$1 $*" in
  *\ --help* | *" -?"* | *--describe-config* | *\ --version* | *" -V"*) exec "$@" ;;
  "postgres "*) ;;
  *) exec "$@" ;;
esac
setting POSTGRES_PASSWORD
setting POSTGRES_USER postgres
setting POSTGRES_DB "$POSTGRES_USER"
setting POSTGRES_INITDB_ARGS
: "${POSTGRES_HOST_AUTH_METHOD:=}"
make_folders
if [ "$(id -u)" = 0 ]; then exec gosu postgres "${BASH_SOURCE[0]}" "$@"; fi
if [ -s "$PGDATA/PG_VERSION" ]; then
  printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
else
  check_older_data
  check_password
  ls "$initdb_scripts" >/dev/null
  initialize
  first_start "$@"
fi
exec "$@"
