#!/bin/sh
# Says why a container of this project has ended, was restarted or is unhealthy.
# `why.sh 30` shows the last 30 lines of its log first.
lines=${1:-0}
project={{ cookiecutter.project_slug }}
docker=${DOCKER:-docker}
{% raw %}
# meaning CODE OUT_OF_MEMORY MEMORY_LIMIT
meaning() {
  case "$1 $2" in
    *" true")
      echo "exit code $1, out of memory: the limit is $(($3 / 1048576)) MiB (APP_MEMORY)" ;;
    134*) echo "exit code $1, aborted: its log says what was exhausted (heap, threads)" ;;
    137*) echo "exit code $1, killed: SIGKILL" ;;
    139*) echo "exit code $1, crashed: SIGSEGV" ;;
    143*) echo "exit code $1, ended by SIGTERM" ;;
    *) echo "exit code $1" ;;
  esac
}

# Prints the last exit code of a container that runs again, and whether memory ran out, from the
# engine's events: by its id, because earlier containers had the same name, and up to the next full
# second, because `date` leaves out the fraction.
last_end() {
  id=$("$docker" inspect --format '{{.Id}}' "$1")
  "$docker" events --since 24h --until "$(($(date +%s) + 1))" --filter "container=$id" \
    --filter event=die --filter event=oom --format '{{.Action}} {{.Actor.Attributes.exitCode}}' |
    awk '$1 == "oom" { oom = "true" } $1 == "die" { code = $2; found = oom; oom = "" }
      END { print (code == "" ? "unknown" : code), (found == "" ? "false" : found) }'
}

explain() {
  name=$1
  fields='{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}} {{.HostConfig.Memory}}'
  fields="$fields {{.RestartCount}} {{or .HostConfig.RestartPolicy.Name \"no\"}}"
  fields="$fields {{with .State.Health}}{{.Status}}{{end}}"
  read -r state code out_of_memory memory restarts restart_policy health <<END
$("$docker" inspect --format "$fields" "$name")
END
  # What runs once, such as a migration, has done its work; the service never has.
  case "$name $state $code $restart_policy" in
    "$project "*) ;;
    *" exited 0 no") return ;;
  esac
  case $state in
    exited | dead) reason="ended: $(meaning "$code" "$out_of_memory" "$memory")" ;;
    created) reason="was not started: $("$docker" inspect --format '{{.State.Error}}' "$name")" ;;
    *)
      reason=
      if [ "$health" = unhealthy ]; then
        checks='{{range .State.Health.Log}}{{.Output}}{{println}}{{end}}'
        reason="is unhealthy: $("$docker" inspect --format "$checks" "$name" | grep . | tail -n 1)"
      fi
      if [ "$restarts" != 0 ]; then
        # shellcheck disable=SC2046
        last=$(meaning $(last_end "$name") "$memory")
        reason="was restarted ($restarts); before that it had ended: $last"
      fi ;;
  esac
  if [ -z "$reason" ]; then return; fi
  if [ "$lines" != 0 ]; then "$docker" logs --tail "$lines" "$name" 2>&1; fi
  echo "$name $reason"
}

"$docker" ps --all --filter "label=com.docker.compose.project=$project" --format '{{.Names}}' |
  while read -r container; do explain "$container"; done
{% endraw %}
