#!/bin/sh
# Checks what usually stops a first build; each line is ok, warning or PROBLEM. Fails if there is a problem.
docker=${DOCKER:-docker} port=${PORT:-{{ cookiecutter.port }}} host_ip=${HOST_IP:-127.0.0.1}
problems=0

ok() { printf '  ok       %s\n' "$1"; }
warning() { printf '  warning  %s\n' "$1"; }
problem() { printf '  PROBLEM  %s\n' "$1"; problems=$((problems + 1)); }

# A wedged engine never answers; `timeout` is missing on macOS.
bounded() { if command -v timeout >/dev/null; then timeout 5 "$@" 2>/dev/null; else "$@" 2>/dev/null; fi; }

# at_least FOUND MINIMUM: compares major.minor.
at_least() { printf '%s\n%s\n' "$2" "$1" | awk -F. '{ n = $1 * 1000 + $2 } NR == 1 { min = n } END { exit n < min }'; }

if ! command -v "$docker" >/dev/null; then
  problem "$docker is missing: install Docker Engine {{ cookiecutter.__min_engine }} or newer"
else
  engine=$(bounded "$docker" version --format '{{ "{{.Server.Version}}" }}')
  if [ -z "$engine" ]; then
    problem 'no engine answers: start Docker, check DOCKER_HOST and your permissions'
  elif [ "$docker" = docker ] && ! at_least "$engine" {{ cookiecutter.__min_engine }}; then
    problem "Docker Engine $engine is too old: update to {{ cookiecutter.__min_engine }} or newer"
  else
    ok "engine $engine answers"
  fi
  if [ "$docker" = docker ]; then
    if bounded docker buildx version >/dev/null; then ok 'buildx'; else problem 'no BuildKit: install the buildx plugin'; fi
  fi
  compose=$(bounded "$docker" compose version --short | sed 's/^v//')
  if [ -z "$compose" ]; then
    problem 'no Compose: install the compose plugin'
  elif ! at_least "$compose" {{ cookiecutter.__min_compose }}; then
    problem "Compose $compose is too old: update to {{ cookiecutter.__min_compose }} or newer"
  else
    ok "compose $compose"
  fi
fi

free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
if [ "$free" -lt 3000 ]; then warning "only $free MB free here: a first build takes about 3 GB"; else ok "$free MB free"; fi

# A port that answers is busy, unless it is this service that answers.
if ! bash -c "exec 3<>/dev/tcp/$host_ip/$port" 2>/dev/null; then
  ok "port $port is free"
elif [ -n "$(bounded "$docker" ps --quiet --filter 'name=^{{ cookiecutter.project_slug }}$' --filter "publish=$port")" ]; then
  ok "port $port is served by this project"
else
  problem "port $port is busy: make run PORT=$((port + 1))"
fi

ca=$NODE_EXTRA_CA_CERTS
if [ -z "$ca" ]; then ok 'no private CA set'
elif [ -f "$ca" ]; then ok "private CA $ca"
else problem "NODE_EXTRA_CA_CERTS names no file: $ca"; fi

# differ NAME UPPER LOWER: some tools read one case, some the other.
differ() { [ "$2" = "$3" ] || warning "$1 differs between upper and lower case: set both alike"; }
differ HTTP_PROXY "${HTTP_PROXY:-}" "${http_proxy:-}"
differ HTTPS_PROXY "${HTTPS_PROXY:-}" "${https_proxy:-}"
differ NO_PROXY "${NO_PROXY:-}" "${no_proxy:-}"

[ "$problems" = 0 ] || { echo "$problems to mend before you build." >&2; exit 1; }
