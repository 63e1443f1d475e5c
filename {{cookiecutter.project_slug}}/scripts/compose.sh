#!/bin/sh
# What the targets with containers share: the settings of Compose, and how it starts services.
project={{ cookiecutter.project_slug }}
inspector_port={{ cookiecutter.__debug_port }}
docker=${DOCKER:-docker}

# Variables on make's command line override .env and the shell.
# shellcheck disable=SC2153
export APP_IMAGE="$IMAGE" APP_TAG="$TAG"
if [ -n "$PORT" ]; then export APP_PORT="$PORT"; fi
if [ -n "$HOST_IP" ]; then export APP_HOST_IP="$HOST_IP"; fi
if [ -n "$DEBUG_PORT" ]; then export APP_DEBUG_PORT="$DEBUG_PORT"; fi
if [ -n "$ENV_FILE" ]; then export APP_ENV_FILE="$ENV_FILE"; fi
export env_file="${APP_ENV_FILE:-.env}"

# setting NAME DEFAULT: what the environment file says, less the bytes that editors on Windows add.
setting() {
  found=$(LC_ALL=C tr -d '\r\357\273\277' 2>/dev/null < "$env_file" |
    sed -n "s/^[[:blank:]]*\(export[[:blank:]]*\)*$1=[\"']*\([^\"']*\).*/\2/p")
  printf '%s\n' "${found:-$2}" | tail -n 1
}

# The file that Compose adds to compose.yaml: the first of these that is there.
override_file() {
  find compose.override.yml compose.override.yaml docker-compose.override.yml \
    docker-compose.override.yaml 2>/dev/null | head -n 1
}

compose() {
  "$docker" compose --progress quiet --project-name "$project" \
    ${APP_ENV_FILE:+--env-file "$APP_ENV_FILE"} "$@"
}

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

# Fails unless every value of the environment file will arrive as it is written.
check_environment() {
  [ -f "$env_file" ] || return 0
  LC_ALL=C awk -f scripts/env.awk < "$env_file" >&2 || exit 1
}

# start GOAL SERVICES: starts them in the background, or says why not. GOAL is the make target.
start() {
  goal=$1
  shift
  error=$(compose up --detach --no-build "$@" 2>&1) || explain_start
}

# The engine's words differ by version: the last number before "already" is the port.
explain_start() {
  busy=$(printf '%s\n' "$error" | sed -n 's/.*:\([0-9][0-9]*\)[^0-9]* already .*/\1/p' | head -n 1)
  container=$(printf '%s\n' "$error" | sed -n 's/.* on endpoint \([^ ]*\) .*/\1/p' | head -n 1)
  if [ -z "$busy" ]; then
    printf '%s\n' "$error" >&2
    sh scripts/why.sh 30 >&2
{% if cookiecutter.database == 'postgres' %}
    sh scripts/old-data.sh >&2
{% endif %}
    exit 1
  fi
  case $container in
    "" | "$project" | "${project}_dev") ;;
    *) fail "Port $busy of $container is busy: free it, or change it in compose.yaml" ;;
  esac
  if [ "$busy" = "${APP_DEBUG_PORT:-$(setting APP_DEBUG_PORT "$inspector_port")}" ]; then
    fail "Port $busy is busy. Another one: make dev DEBUG_PORT=$((busy + 1))"
  fi
  fail "Port $busy is busy: make stop, if it is yours, or another: make $goal PORT=$((busy + 1))"
}
