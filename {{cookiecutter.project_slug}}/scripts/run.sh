#!/bin/sh
# Starts every service of compose.yaml except dev, and waits until the published port answers. If
# that fails it says why: a busy port, how a container ended, what a health check found.
target_port={{ cookiecutter.port }}
. scripts/compose.sh
{% raw %}
# Waits until every container is healthy, or runs without a health check, or has done its work.
# Docker says (health: starting) where podman says (starting).
wait_for_health() {
  while :; do
    states=$("$docker" ps --all --filter "label=com.docker.compose.project=$project" \
      --filter label=com.docker.compose.oneoff=False \
      --format '{{.Label "com.docker.compose.service"}} {{.Status}}')
    states=$(printf '%s\n' "$states" | grep -v '^dev{% endraw %}{{ '\\(-database\\)*' if cookiecutter.database == 'postgres' }}{% raw %} ')
    case $states in
      *"(unhealthy)"* | *Restarting* | *"Exited ("[1-9]* | *Dead*) explain_end ;;
      *"starting)"* | *Created*) sleep 0.2 ;;
      *) return ;;
    esac
  done
}

# A container that was healthy and has ended since is not ready.
check_still_runs() {
  state=$("$docker" inspect --format '{{.State.Status}} {{.RestartCount}}' "$container")
  if [ "$state" != "running $restarts_before" ]; then explain_end; fi
}

explain_end() {
  sh scripts/why.sh 30 >&2
  fail "$project is not ready; the reason is above"
}

# Asks HOST PORT PATH over HTTP, in bash because sh opens no connections. Without PATH a connection
# must stay open: in place of a service that does not listen, the engine accepts one and closes it.
# shellcheck disable=SC2016
ask='
  exec 3<> "/dev/tcp/$1/$2" || exit 1
  if [ -z "$3" ]; then
    SECONDS=0
    read -r -t 2 -n 1 -u 3 || [ "$SECONDS" -ge 2 ]
    exit
  fi
  printf "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" "$3" >&3
  read -r -t 5 -u 3 version status _
  [[ $version = HTTP/* && $status -lt 500 ]]
'

# Asks the published port what the health check asks inside.
wait_for_port() {
  published=$(compose port app "$target_port" 2>/dev/null)
  # Not published, or the container has just ended.
  if [ -z "$published" ]; then
    check_still_runs
    return
  fi
  port=${published##*:}
  host=${published%:*}
  host=${host#[}
  host=${host%]}
  case $host in 0.0.0.0 | ::) host=127.0.0.1 ;; esac
  case $host in
    *:*) url=http://[$host]:$port ;;
    *) url=http://$host:$port ;;
  esac
  path=$("$docker" inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$container" |
    grep '^HEALTHCHECK_PATH=' || echo HEALTHCHECK_PATH=/readyz)
  path=${path#*=}
  attempts=0
  until bash -c "$ask" ask "$host" "$port" "$path" 2>/dev/null; do
    attempts=$((attempts + 1))
    check_still_runs
    if [ "$attempts" = 20 ]; then
      if ask_on_the_engines_machine; then break; fi
      fail "$project is healthy, but $url$path does not answer: does it listen on every address?"
    fi
    sleep 0.2
  done
  check_still_runs
}

# For an engine elsewhere and a machine without bash: the image's own health check asks. Without a
# path it would only see that the engine accepts connections, which it does for any service.
ask_on_the_engines_machine() {
  if [ -z "$path" ]; then return 1; fi
  image=$("$docker" inspect --format '{{.Image}}' "$container")
  check=$("$docker" inspect --format '{{join .Config.Healthcheck.Test " "}}' "$container")
  # shellcheck disable=SC2086
  "$docker" run --rm --network host --entrypoint '' --env "PORT=$port" \
    --env "HEALTHCHECK_PATH=$path" "$image" ${check#CMD } >/dev/null 2>&1
}

{% endraw %}
check_environment
{% if cookiecutter.database == 'none' %}
# The app's image is built; another service may have a build of its own.
services=$(compose config --services) || exit 1
others=$(printf '%s\n' "$services" | grep -vx app)
{% else %}
# These images are built; another service may have a build of its own.
services=$(compose config --services) || exit 1
others=$(printf '%s\n' "$services" | grep -vx -e app -e migrate{{ ' -e database' if cookiecutter.database == 'postgres' }})
{% endif %}
if [ -n "$others" ]; then
  # shellcheck disable=SC2086
  compose build --quiet $others || exit 1
fi
{% if cookiecutter.database != 'none' %}
sh scripts/migrate.sh >/dev/null || exit 1
{% endif %}
start run
container=$(compose ps --all --quiet app)
restarts_before=$("$docker" inspect --format '{{ '{{.RestartCount}}' }}' "$container")
wait_for_health
wait_for_port
echo "$project is ready${published:+: $url}"
