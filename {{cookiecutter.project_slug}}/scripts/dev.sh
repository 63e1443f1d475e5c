#!/bin/sh
# `make dev`: Compose Watch copies edits into the container. When what its image or its environment
# is made of changes, make builds it anew.
. scripts/compose.sh
export COMPOSE_PROFILES=dev

inputs() {
  cat Dockerfile compose.yaml package*.json pnpm-* yarn.lock .npmrc .yarnrc.yml \
    "$env_file" 2>/dev/null | cksum
}
follow() {
  "$docker" logs --follow --since "$1" "$(compose ps --quiet dev)" &
  logs=$!
}
# In a subshell: what is wrong with .env or a port ends only this attempt.
start_anew() {
  check_environment
  start dev --timeout 1 dev
}
end() {
  trap - EXIT
  kill $watch $logs 2>/dev/null
  "$docker" rm --force --volumes "${project}_dev" >/dev/null 2>&1
  label=com.docker.compose.project=$project
  if [ -z "$("$docker" ps --all --quiet --filter "label=$label")" ]; then
    "$docker" network prune --force --filter "label=$label" >/dev/null
  fi
  exit "$1"
}

built=$(inputs)
check_environment
trap 'end 1' EXIT
trap 'end 130' INT TERM
start dev dev
compose watch --no-up --quiet dev >/dev/null &
watch=$!
follow 0s
echo "http://$(compose port dev {{ cookiecutter.port }}) follows your edits; Ctrl-C ends it"
while kill -0 $watch 2>/dev/null; do
  sleep 1
  now=$(inputs)
  if [ "$now" != "$built" ]; then
    built=$now
    if "$MAKE" --no-print-directory image-dev && (start_anew); then
      follow 1s
    fi
  fi
done
