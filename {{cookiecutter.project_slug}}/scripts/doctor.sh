#!/bin/sh
# Checks what usually stops a build. `quick`, which make runs before each, asks less and stops at a problem.
docker=${DOCKER:-docker} port=${PORT:-{{ cookiecutter.port }}} host_ip=${HOST_IP:-127.0.0.1} mode=${1:-full} problems=0

ok() { [ "$mode" = quick ] || printf '  ok       %s\n' "$1"; }
warning() { [ "$mode" = quick ] || printf '  warning  %s\n' "$1"; }
problem() { printf '  PROBLEM  %s\n' "$1" >&2; problems=1; [ "$mode" = full ] || exit 1; }

# A wedged engine never answers; macOS has no `timeout`.
bounded() { if command -v timeout >/dev/null; then timeout 10 "$@" 2>/dev/null; else "$@" 2>/dev/null; fi; }
at_least() { printf '%s.0\n' "$2" "$1" | awk -F. '{ n[NR] = $1 * 1000 + $2 } END { exit n[2] < n[1] }'; }
# version NAME FOUND MINIMUM
version() {
  if [ -z "$2" ]; then problem "$1 does not answer: start or install it, check DOCKER_HOST and your permissions"
  elif [ "$docker" = docker ] && ! at_least "$2" "$3"; then problem "$1 $2 is too old: update to $3 or newer"
  else ok "$1 $2"; fi
}
# names_file VARIABLE VALUE
names_file() {
  case "$2" in
    "") ok "$1 is not set" ;;
    /*|?:*) if [ -f "$2" ]; then ok "$1 is $2"; else problem "$1 names no file: $2"; fi ;;
    *) problem "$1 must be an absolute path: $2" ;;
  esac
}
# same_in_both_cases VARIABLE UPPER LOWER
same_in_both_cases() { [ "$2" = "$3" ] || warning "$1 differs in lower case, and tools read either: set both alike"; }

version 'Docker Engine' "$(bounded "$docker" version --format '{{ "{{.Server.Version}}" }}')" {{ cookiecutter.__min_engine }}
names_file NODE_EXTRA_CA_CERTS "$NODE_EXTRA_CA_CERTS"
names_file NPMRC "$NPMRC"
{% if cookiecutter.package_manager == 'yarn' %}
names_file YARNRC "$YARNRC"
{% endif %}
if [ -n "$ENV_FILE" ] && [ ! -f "$ENV_FILE" ]; then problem "ENV_FILE names no file: $ENV_FILE"; fi
case $port in *[!0-9]*) problem "PORT must be a number: $port" ;; esac
case $MIRROR in *[!A-Za-z0-9._:/-]*|*//*) problem "MIRROR must be like registry.example.com/hub: $MIRROR" ;; esac
# podman builds and pushes without a Compose.
if [ "$docker" = docker ] || [ "$mode" = full ]; then
  version Compose "$(bounded "$docker" compose version --short | sed 's/^v//')" {{ cookiecutter.__min_compose }}
fi
if [ "$docker" = docker ]; then
  if bounded docker buildx version >/dev/null; then ok 'BuildKit'; else problem 'no BuildKit: install the buildx plugin'; fi
fi
if [ "$mode" = quick ]; then exit 0; fi

free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
if [ "$free" -lt 3000 ]; then warning "only $free MB free here: a first build takes about 3 GB"; else ok "$free MB free"; fi

if ! bash -c "exec 3<>/dev/tcp/$host_ip/$port" 2>/dev/null; then ok "port $port is free"
elif [ -n "$(bounded "$docker" ps --quiet --filter 'name=^{{ cookiecutter.project_slug }}(-dev)?$' --filter "publish=$port")" ]; then
  ok "port $port is served by this project"
else problem "port $port is busy: make run PORT=$((port + 1))"; fi

same_in_both_cases HTTP_PROXY "$HTTP_PROXY" "${http_proxy:-}"
same_in_both_cases HTTPS_PROXY "$HTTPS_PROXY" "${https_proxy:-}"
same_in_both_cases NO_PROXY "$NO_PROXY" "${no_proxy:-}"
exit "$problems"
