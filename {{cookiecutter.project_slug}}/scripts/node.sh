#!/bin/sh
{% if cookiecutter.language == 'typescript' %}
{% if cookiecutter.database == 'none' %}
# The scripts `dev`, `test` and a part of `lint`. Node strips the types and runs src/ as it is.
{% else %}
# The scripts `dev`, `test`, `migrate` and a part of `lint`. Node strips the types and runs src/.
{% endif %}
# With "erasableSyntaxOnly": false in tsconfig.json it runs what the compiler writes to dist/, for
# decorators, enums and path aliases.
{% else %}
# The scripts {{ '`dev`, `test` and `migrate`' if cookiecutter.database != 'none' else '`dev` and `test`' }} of package.json, with the options of Node.
{% endif %}
set -eu
script=$1
shift
# An edit kills the process at once: a reload does not wait for open connections.
develop() {
  exec node --watch --watch-path=src --watch-kill-signal=SIGKILL \
    --max-old-space-size-percentage=50 --inspect=0.0.0.0:{{ cookiecutter.__debug_port }} "$@"
}
run_tests() {
  exec node --test --test-timeout=30000 --test-force-exit --experimental-test-coverage \
    --test-coverage-lines=90 --test-coverage-branches=80 "$@"
}
{% if cookiecutter.language == 'typescript' %}
settings=$(tsc --showConfig)
case $settings in
  *'"erasableSyntaxOnly": true'*) from=src ;;
  *) from=dist ;;
esac
refuse() {
  echo "$1 cannot run from src/. To run dist/: \"erasableSyntaxOnly\": false in tsconfig.json" >&2
  exit 1
}

case $script-$from in
  dev-src) develop src/server.ts ;;
  dev-dist) develop --enable-source-maps scripts/from-dist.mjs ;;
{% if cookiecutter.database != 'none' %}
  migrate-src) exec node src/migrate.ts ;;
  migrate-dist)
    node --run build
    exec node --enable-source-maps dist/migrate.js
    ;;
{% endif %}
  test-src) run_tests "$@" ;;
  test-dist)
    # Tests import ../src. In dist/ that is a link to dist/ itself, so that nothing is loaded twice.
    tsc --noEmit false --sourceMap --rootDir . --outDir dist
    rm -r dist/src
    ln -s . dist/src
    node --run build
    find test -type f ! -name '*.ts' -exec cp --parents --target-directory dist {} +
    run_tests --enable-source-maps "$@" 'dist/test/**/*.test.js'
    ;;
  lint-src)
    # The compiler accepts both. Only a file with an @ can hold a decorator.
    case $settings in *'"paths":'*) refuse 'Path aliases (paths in tsconfig.json)' ;; esac
    grep --recursive --files-with-matches --include='*.ts' @ src test | while read -r file; do
      node --check "$file" 2>/dev/null || {
        grep --line-number --with-filename '^ *@' "$file" >&2
        refuse 'Decorators'
      }
    done
    ;;
esac
{% else %}

case $script in
  dev) develop src/server.js ;;
{% if cookiecutter.database != 'none' %}
  migrate) exec node src/migrate.js ;;
{% endif %}
  test) run_tests "$@" ;;
esac
{% endif %}
