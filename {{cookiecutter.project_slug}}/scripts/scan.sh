#!/bin/sh
# `make scan`: known vulnerabilities of high or critical severity in the production image that an
# update would fix. Standard output is the list and nothing else. The exit status is 0 if it is
# empty, 1 if not, 2 if the image could not be scanned. Arguments are options for the container.
docker=${DOCKER:-docker}
container={{ cookiecutter.project_slug }}_scan_$$
folder=$(mktemp -d) || exit 2
{% raw %}
end() {
  code=$?
  trap - EXIT
  "$docker" rm --force --volumes "$container" >/dev/null 2>&1
  rm -r "$folder"
  exit $code
}

fail() {
  echo "not scanned: $1" >&2
  exit 2
}

trap end EXIT
trap 'exit 130' INT TERM HUP
# The scanner's input. It is copied, not mounted: the engine may be on another machine.
"$docker" save --output "$folder/image.tar" "$IMAGE:$TAG" || fail 'the engine does not save it'
if [ -f .grype.yaml ]; then cp .grype.yaml "$folder"; fi
# Grype is a Go program: it trusts what is in SSL_CERT_DIR besides the CAs of its image.
mkdir "$folder/ca"
if [ -n "$NODE_EXTRA_CA_CERTS" ]; then cp "$NODE_EXTRA_CA_CERTS" "$folder/ca"; fi
# No figures that change from day to day, so that the same findings give the same list.
cat > "$folder/list.tmpl" <<'END'
{{range .Matches}}
{{- $severity := .Vulnerability.Severity}}
{{- if or (eq $severity "Critical") (eq $severity "High")}}
{{- $severity}} {{.Vulnerability.ID}}: {{.Artifact.Name}} {{.Artifact.Version}}
{{- " "}}({{.Artifact.Type}}), fixed in
{{- range $i, $version := .Vulnerability.Fix.Versions}}{{if $i}},{{end}} {{$version}}{{end}}
{{end}}
{{- end}}
END
"$docker" create --name "$container" --init --workdir /scan --env SSL_CERT_DIR=/scan/ca \
  --env GRYPE_CHECK_FOR_APP_UPDATE=false --env GRYPE_DB_REQUIRE_UPDATE_CHECK=true "$@" \
  "$IMAGE:scanner" docker-archive:image.tar --only-fixed --fail-on high \
  --output template --template list.tmpl >/dev/null || exit 2
error=$("$docker" cp "$folder/." "$container:/scan" 2>&1) || fail "$error"
"$docker" start --attach "$container" > "$folder/found"
status=$?
list=$(grep . "$folder/found" | sort -u)
# The scanner ends with 2 if there are findings, but also if it crashes.
if [ "$status" = 2 ] && [ -n "$list" ]; then
  printf '%s\n' "$list"
  echo 'failed: update what is listed, or accept it in .grype.yaml, as the README says' >&2
  exit 1
fi
[ "$status" = 0 ] || fail 'the reason is above. Where its database is out of reach: HTTPS_PROXY,
  NODE_EXTRA_CA_CERTS, or GRYPE_DB_UPDATE_URL= a mirror of it'
echo "passed: $IMAGE:$TAG has nothing of high severity that an update would fix" >&2
{% endraw %}
