#!/bin/bash
# Runs an installation while an image is built: `install.sh COMMAND`. It trusts the CA that came as
# a secret. Errors are shown as they are; a line below them says what helps, where that is known.
set -o pipefail
[ ! -f /run/secrets/extra_ca ] || export NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca
# Tools that ask or only warn on a terminal fail in CI: patch-package, if a patch does not apply.
export CI=true
{% if cookiecutter.package_manager == 'npm' %}
# Locked versions are installed at any age: only `make add` and `make lock` wait a day.
export npm_config_min_release_age=0
{% endif %}
log=$(mktemp)
trap 'rm "$log"' EXIT
"$@" 2>&1 | tee "$log"
status=$?

seen() {
  grep --quiet --extended-regexp -e "$1" "$log"
}

hint() {
  echo "==> $1" >&2
}
{% if cookiecutter.package_manager == 'npm' %}
# npm refuses packages whose install script the lockfile records. A script that only the unpacked
# package shows, npm 12 skips and succeeds; npm 11 runs it.
if seen 'ESTRICTALLOWSCRIPTS|had install scripts blocked'; then
  names=$(sed -En 's/^npm (error|warn install-scripts) +(@?[^@ ]+)@[^ ]+ \(.*/\2/p' "$log" |
    sort -u | xargs)
  where='In package.json: "allowScripts": { "NAME": true }, or false.'
  hint "No install script is allowed for $names. $where (A local package: \"file:./FOLDER\".)"
  status=1
fi
stale='can only install (packages when your package.json|with an existing)'
own_script='^npm error path /app$'
{% elif cookiecutter.package_manager == 'pnpm' %}
if seen ERR_PNPM_IGNORED_BUILDS; then
  names=$(sed -n '/Ignored build scripts:/,/help:/p' "$log" | grep -oP '[@a-z0-9][^@ ]*(?=@[0-9])')
  where='In pnpm-workspace.yaml, below allowBuilds: "NAME": true, or false.'
  hint "No install script is allowed for ${names//$'\n'/ }. $where"
fi
stale='ERR_PNPM_(OUTDATED_LOCKFILE|NO_LOCKFILE|LOCKFILE_CONFIG_MISMATCH)'
own_script='/app (preinstall|install|postinstall):'
{% else %}
# yarn skips the scripts that nobody allowed, and succeeds.
if seen YN0004; then
  names=$(sed -En 's/.*YN0004: [^@a-z]*(@?[^@ ]+)@.*/\1/p' "$log" | sort -u | xargs)
  where='In package.json: "dependenciesMeta": { "NAME": { "built": true } }, or false.'
  hint "No install script is allowed for $names. $where"
  status=1
fi
stale=YN0028
own_script="@workspace:\. couldn't be built"
{% endif %}
[ "$status" -ne 0 ] || exit 0

if seen "$stale"; then
  hint 'The lockfile is missing, or not in line with package.json: make lock'
fi
if seen 'SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER|UnknownIssuer|self-signed cert|local issuer'; then
  hint 'Behind a private CA: NODE_EXTRA_CA_CERTS=/path/ca.pem make build'
fi
missing=$(sed -En -e 's/.*sh: [0-9]+: (.*): not found.*/\1/p' \
  -e 's/.*command not found: (.*)/\1/p' \
  -e "s/.*Cannot find module '([^']*)'.*/\1/p" "$log" | head -1)
if seen "$own_script" && [ -n "$missing" ]; then
  scripts=$(grep -oE '"(pre|post)?(install|dependencies)":"[^"]*"' package.json | xargs -d '\n')
  hint "$scripts in package.json needs $missing, which an installation for the image does not have"
fi
exit "$status"
