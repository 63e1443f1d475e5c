#!/bin/sh
# Checks what usually stops a build. Before a build, make runs `doctor.sh quick`; before it touches
# containers, `doctor.sh checkout`. Both check less, print only problems and stop at the first.
. scripts/compose.sh
mode=${1:-full}
port=${APP_PORT:-$(setting APP_PORT {{ cookiecutter.port }})}
host_ip=${APP_HOST_IP:-$(setting APP_HOST_IP 127.0.0.1)}
minimum_engine={{ cookiecutter.__min_engine }}
minimum_compose={{ cookiecutter.__min_compose }}
status=0

ok() {
  if [ "$mode" = full ]; then printf '  ok       %s\n' "$1"; fi
}

warning() {
  if [ "$mode" = full ]; then printf '  warning  %s\n' "$1"; fi
}

problem() {
  printf '  PROBLEM  %s\n' "$*" >&2
  status=1
  if [ "$mode" != full ]; then exit 1; fi
}

# ask ARGUMENTS: docker's answer, or none after ten seconds where there is timeout: not on macOS.
limit=$(command -v timeout)
ask() { ${limit:+"$limit" 10} "$docker" "$@" 2>/dev/null; }

# is_older VERSION MINIMUM
is_older() {
  oldest=$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)
  [ "$oldest" != "$2" ]
}

# check_version NAME VERSION MINIMUM
check_version() {
  if [ -z "$2" ]; then
    problem "$1 does not answer: start or install it, check DOCKER_HOST and your permissions"
  elif [ "$docker" = docker ] && is_older "$2" "$3"; then
    if ask version | grep -q Podman; then
      problem 'the command docker is podman here, which make must know: export DOCKER=podman'
    else
      problem "$1 $2 is too old: update to $3 or newer"
    fi
  else
    ok "$1 $2"
  fi
}

# check_file VARIABLE VALUE
check_file() {
  case "$2" in
    "") ok "$1 is not set" ;;
    /* | ?:*)
      if [ -f "$2" ]; then
        ok "$1 is $2"
      else
        problem "$1 names no file: $2"
      fi ;;
    *) problem "$1 must be an absolute path: $2" ;;
  esac
}

# check_proxy NAME UPPER LOWER: tools read a proxy's variable in one case or the other.
check_proxy() {
  if [ "$2" != "$3" ]; then
    warning "$1 differs in lower case, and tools read either: set both alike"
  fi
}

check_settings() {
  check_file NODE_EXTRA_CA_CERTS "$NODE_EXTRA_CA_CERTS"
  check_file NPMRC "$NPMRC"
{% if cookiecutter.package_manager == 'yarn' %}
  check_file YARNRC "$YARNRC"
{% endif %}
  if [ -n "$ENV_FILE" ] && [ ! -f "$ENV_FILE" ]; then
    problem "ENV_FILE names no file: $ENV_FILE"
  fi
  case $port in
    *[!0-9]*) problem "PORT must be a number: $port" ;;
  esac
  case ${TAG-local} in
    '' | [.-]* | *[!A-Za-z0-9_.-]*)
      problem "TAG, or the version in package.json, must be letters, digits, . - and _: $TAG" ;;
  esac
  case $MIRROR in
    *[!A-Za-z0-9._:/-]* | *//*) problem "MIRROR must be like registry.example.com/hub: $MIRROR" ;;
  esac
}

check_disk() {
  free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
  if [ "$free" -lt 3000 ]; then
    warning "only $free MB free here: a first build takes about 3 GB"
  else
    ok "$free MB free"
  fi
}
{% raw %}
check_engine() {
  check_version 'Docker Engine' "$(ask version --format '{{.Server.Version}}')" "$minimum_engine"
  # podman builds and pushes without a Compose.
  if [ "$docker" = docker ] || [ "$mode" = full ]; then
    check_version Compose "$(ask compose version --short | sed 's/^v//')" "$minimum_compose"
  fi
  if [ "$docker" = docker ]; then
    if ask buildx version >/dev/null; then
      ok BuildKit
    else
      problem 'no BuildKit: install the buildx plugin'
    fi
  fi
}

# A second checkout, such as a git worktree, would use the same names.
check_checkout() {
  ask ps --all --filter "label=com.docker.compose.project=$project" \
    --format '{{.Label "com.docker.compose.project.working_dir"}}' |
    sort -u |
    while read -r folder; do
      if [ ! "$folder" -ef . ]; then
        problem "$project runs from $folder: make stop there," \
          "or docker compose --project-name $project down"
        exit 1
      fi
    done || status=1
  if [ "$mode" = checkout ]; then exit "$status"; fi
}
{% endraw %}

check_port() {
  containers="name=^$project(_dev)?\$"
  if ! command -v bash >/dev/null; then
    warning "port $port is not looked at: this needs bash"
  elif ! bash -c "exec 3<>/dev/tcp/$host_ip/$port" 2>/dev/null; then
    ok "port $port is free"
  elif [ -n "$(ask ps --quiet --filter "$containers" --filter "publish=$port")" ]; then
    ok "port $port is served by this project"
  else
    problem "port $port is busy: make run PORT=$((port + 1))"
  fi
}

if [ "$mode" != quick ]; then check_checkout; fi
check_engine
check_settings
if [ "$mode" = full ]; then
  check_disk
  check_port
  check_proxy HTTP_PROXY "$HTTP_PROXY" "${http_proxy:-}"
  check_proxy HTTPS_PROXY "$HTTPS_PROXY" "${https_proxy:-}"
  check_proxy NO_PROXY "$NO_PROXY" "${no_proxy:-}"
fi
exit "$status"
