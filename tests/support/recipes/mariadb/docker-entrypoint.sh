#!/bin/bash
# What the official image's entrypoint does for a new volume: accounts and a database by MARIADB_ROOT_PASSWORD (or
# MARIADB_RANDOM_ROOT_PASSWORD), MARIADB_DATABASE, MARIADB_USER and MARIADB_PASSWORD, each also from the file that
# a variable with _FILE names, and then the SQL of /docker-entrypoint-initdb.d. The server does not stay root.
set -euo pipefail
data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock

# value NAME: what the variable holds, or the file that NAME_FILE names.
value() {
  local file=$1_FILE
  if [ -n "${!file:-}" ]; then
    cat "${!file}"
  else
    printf %s "${!1:-}"
  fi
}

# A text as a literal of SQL.
quoted() {
  printf %s "$1" | sed -e 's/\\/\\\\/g' -e "s/'/\\\\'/g" -e "1s/^/'/" -e "\$s/\$/'/"
}

sql() {
  mariadb --socket="$socket" --user=root --skip-ssl "$@"
}

accounts() {
  local root database user
  root=$(value MARIADB_ROOT_PASSWORD)
  database=$(value MARIADB_DATABASE)
  user=$(value MARIADB_USER)
  if [ -z "$root" ]; then
    : "${MARIADB_RANDOM_ROOT_PASSWORD:?or MARIADB_ROOT_PASSWORD is needed}"
    root=$(head -c 24 /dev/urandom | base64)
  fi
  if [ -n "$database" ]; then echo "CREATE DATABASE \`$database\`;"; fi
  if [ -n "$user" ]; then
    echo "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$(value MARIADB_PASSWORD)");"
    if [ -n "$database" ]; then echo "GRANT ALL ON \`$database\`.* TO $(quoted "$user")@'%';"; fi
  fi
  local health
  health=$(head -c 24 /dev/urandom | base64)
  echo "CREATE USER healthcheck@'127.0.0.1' IDENTIFIED BY '$health';"
  (umask 0077 && printf '[mariadb-client]\nuser=healthcheck\npassword=%s\n' "$health" > "$data/.my-healthcheck.cnf")
  echo "CREATE USER root@'%' IDENTIFIED BY $(quoted "$root");"
  echo "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;"
}

initialize() {
  mariadb-install-db --datadir="$data" --auth-root-authentication-method=normal --skip-test-db >/dev/null
  "$@" --skip-networking --socket="$socket" &
  local server=$!
  until sql --execute 'SELECT 1' >/dev/null 2>&1; do
    kill -0 "$server"
    sleep 0.2
  done
  accounts | sql
  for file in /docker-entrypoint-initdb.d/*.sql; do
    if [ -f "$file" ]; then sql "$(value MARIADB_DATABASE)" < "$file"; fi
  done
  # The last statement: from now on root@localhost needs the password, too.
  local root
  root=$(value MARIADB_ROOT_PASSWORD)
  sql --execute "ALTER USER root@localhost IDENTIFIED BY $(quoted "${root:-$(head -c 24 /dev/urandom | base64)}")"
  kill "$server"
  wait "$server"
}

case ${1:-} in
  -*) set -- mariadbd "$@" ;;
esac
if [ "$1" = mariadbd ] && [ "$(id -u)" = 0 ]; then
  find "$data" \! -user mysql -exec chown mysql: '{}' +
  exec setpriv --reuid=mysql --regid=mysql --clear-groups -- "$0" "$@"
fi
if [ "$1" = mariadbd ] && [ ! -d "$data/mysql" ]; then initialize "$@"; fi
exec "$@"
