#!/bin/sh
# `make dev`: Compose Watch copies edits into the container. When something changes that its image
# or its environment is made of, make rebuilds it.
. scripts/compose.sh
export COMPOSE_PROFILES=dev

# A checksum of what the image and its environment are made of; manifests and so on may be anywhere.
inputs() {
  {
    cat Dockerfile compose.yaml "$env_file" "$(override_file)"
    find . -name node_modules -prune -o -type f \( -name 'package*.json' \
{% if cookiecutter.database != 'none' %}
      -o -path './migrations/*' \
{% endif %}
      -o -iname '*.patch' -o -iname '*.tgz' -o -iname '*.tar' -o -iname '*.tar.gz' \
{% if cookiecutter.package_manager != 'npm' %}
      -o -name 'pnpm-*' -o -name '.pnpmfile.*' \
      -o -name 'yarn.lock' -o -name '.yarnrc.yml' -o -path './.yarn/*' \
{% endif %}
      -o -name '.*rc' \) -exec cksum {} +
{% if cookiecutter.package_manager != 'npm' %}
    # Packages that package.json names by file: an installation copies them, it does not link them.
    sed -n 's/.*: "file:\([^"]*\)".*/\1/p' package.json | while read -r package; do
      find "$package" -name node_modules -prune -o -type f -exec cksum {} +
    done
{% endif %}
  } 2>/dev/null | cksum
}

build_image() {
  built=$(inputs)
  touch "$build_started"
  "$MAKE" --no-print-directory image-dev
}

# Whether the project has changed since its image was built.
is_stale() {
  if [ "$(inputs)" != "$built" ]; then return; fi
  if [ $rechecks -le 0 ]; then return 1; fi
  edited=$(find . \( -name node_modules -o -name .git \) -prune \
    -o -type f -cnewer "$build_started" -print)
  [ -n "$edited" ]
}

# Follows the log; a container that Compose has kept is followed already.
follow() {
  if [ -n "$logs" ]; then kill "$logs" 2>/dev/null; fi
  "$docker" logs --follow --since "$1" "$(compose ps --quiet dev)" &
  logs=$!
}

end() {
  trap - EXIT
  rm -f "$build_started"
  kill $watch $logs 2>/dev/null
  "$docker" rm --force --volumes "${project}_dev" >/dev/null 2>&1
{% if cookiecutter.database == 'postgres' %}
  "$docker" stop "${project}_dev_database" >/dev/null 2>&1
  "$docker" rm --force --volumes "${project}_dev_database" >/dev/null 2>&1
{% endif %}
  label=com.docker.compose.project=$project
  if [ -z "$("$docker" ps --all --quiet --filter "label=$label")" ]; then
    "$docker" network prune --force --filter "label=$label" >/dev/null
  fi
  exit "$1"
}

check_environment
logs=
build_started=$(mktemp)
trap 'end 1' EXIT
trap 'end 130' INT TERM HUP
build_image || exit
start dev dev
compose watch --no-up --quiet dev >/dev/null &
watch=$!
follow 0s
echo "http://$(compose port dev {{ cookiecutter.port }}) follows your edits; Ctrl-C ends it"
# Watch copies only what changes after its start: for three seconds, an edit that it may have missed
# since the build began leads to a rebuild.
rechecks=3
while kill -0 $watch 2>/dev/null; do
  sleep 1
  if is_stale; then
    # In a subshell: a mistake in .env or a busy port ends only this attempt.
    build_image &&
      (
        check_environment
        start dev --timeout 1 dev
      ) &&
      follow 1s
    rechecks=3
  fi
  rechecks=$((rechecks - 1))
done
