#!/bin/sh
# `make test`: lint and tests in the test image, then the production image beside it, on a network
# of their own and without published ports. The last line says `passed`, or what failed. The images
# are those whose ids are in the folder IDS: another checkout may have moved the tags since.
# The production image gets the settings of .env.example: those of .env are this machine's.
. scripts/compose.sh
project={{ cookiecutter.project_slug }}_test_$$ # no project's name has an underscore
network=${project}_default
{% if cookiecutter.database == 'postgres' %}
# Started for this run, with a volume of its own; each test file creates a schema of its own.
database_url=postgres://app:development@database:5432/app
{% endif %}
compose_files=compose.yaml$(override_file | sed 's/^/:/')
env_file=.env.example

compose() {
  COMPOSE_FILE=$compose_files APP_IMAGE=$IMAGE APP_TAG=$project APP_ENV_FILE=$env_file \
    "$docker" compose --env-file /dev/null --progress quiet --project-name "$project" "$@"
}

# override KIND WORDS: gives these settings to all services, networks or volumes, \1 is the name.
override() {
  echo "$1:"
  printf '%s\n' "$settings" | sed -n "/^$1:/,/^[^ ]/s/^  \([^ :]*\):.*/  \1: { $2 }/p"
}

# What this run must not share with others: the network of another project is not there in CI.
own_settings() {
  settings=$(compose config) || return
  own_name="name: ${project}_\1, external: !reset false"
  override services 'ports: !reset [], container_name: !reset null'
  override networks "$own_name"
  override volumes "$own_name"
}

run() { "$docker" run --rm --init --network "$network" "$@"; }

fail() {
  echo "failed: $1" >&2
  exit 1
}

# check SCRIPT HINT: runs a script of package.json in the test image.
check() {
{% if cookiecutter.database == 'postgres' %}
  run --env "DATABASE_URL=$database_url" "$test_image" timeout 15m node --run "$1"
{% else %}
  run "$test_image" timeout 15m node --run "$1"
{% endif %}
  case $? in
    0) ;;
    124) fail "$1 does not end within 15 minutes" ;;
    *) fail "$1$2" ;;
  esac
}

end() {
  code=$?
  trap - EXIT
  "$docker" ps {{ '--all ' if cookiecutter.database != 'none' }}--quiet --filter "network=$network" | xargs -r "$docker" rm --force >/dev/null
  compose down --remove-orphans --volumes >/dev/null 2>&1
  "$docker" rmi "$IMAGE:$project" >/dev/null 2>&1
  exit $code
}

check_environment
trap end EXIT
trap 'exit 130' INT TERM HUP
test_image=$(cat "$IDS/test") || exit
"$docker" tag "$(cat "$IDS/production")" "$IMAGE:$project" || exit
own_settings > "$IDS/compose.yaml" || exit
compose_files=$compose_files:$IDS/compose.yaml
# The production image starts while the tests run; its port is not published.
{% if cookiecutter.database != 'none' %}
if ! app=$(compose run --detach --use-aliases app); then
  compose logs --no-log-prefix --tail 30
  fail 'the production image does not start, or its migration fails'
fi
{% else %}
app=$(compose run --detach --use-aliases app) || fail 'the production image does not start'
{% endif %}

check lint ' (make format corrects what is only style)'
check test

# The production image must have what the test image has. The program is an argument, because no
# image holds it, and the end of a standard input does not always reach a container.
compare=$(cat scripts/compare.mjs)
seen=$(run "$test_image" node --input-type=module --eval "$compare") || fail 'scripts/compare.mjs'
run --read-only --tmpfs /tmp "$IMAGE:$project" \
{% if cookiecutter.runtime_image == 'distroless' %}
  --input-type=module --eval "$compare" "$seen" ||
{% else %}
  node --input-type=module --eval "$compare" "$seen" ||
{% endif %}
  fail 'the production image lacks what is named above'

# Healthy by its own check, and ready when another container asks.
inspect() { "$docker" container inspect --format "$1" "$app"; }
not_ready() {
  "$docker" logs --tail 30 "$app"
  fail "the production image is not ready: $1"
}
for _ in $(seq 60); do
  state=$(inspect '{{ "{{.State.Status}}{{with .State.Health}} {{.Status}}{{end}}" }}')
  [ "$state" = 'running starting' ] || break
  sleep 0.5
done
case $state in
  running | 'running healthy') ;;
  'running unhealthy')
    words='{% raw %}{{range .State.Health.Log}}{{.Output}}{{println}}{{end}}{% endraw %}'
    not_ready "$(inspect "$words" | grep . | tail -n 1)" ;;
  *) not_ready "it is $state" ;;
esac
path=$(inspect '{{ "{{range .Config.Env}}{{println .}}{{end}}" }}' |
  grep '^HEALTHCHECK_PATH=' || echo HEALTHCHECK_PATH=/readyz)
url=http://app:{{ cookiecutter.port }}${path#*=}
# Without a path the health check has seen that the port accepts connections.
[ "$path" = HEALTHCHECK_PATH= ] ||
  run "$test_image" curl --silent --show-error --fail --max-time 20 --output /dev/null \
  --retry 10 --retry-connrefused --retry-delay 1 --retry-max-time 60 "$url" ||
  not_ready "$url does not answer 200"
echo "passed: lint, tests, and the production image $IMAGE:$TAG"
