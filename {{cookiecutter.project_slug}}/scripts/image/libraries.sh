#!/bin/bash
{% if cookiecutter.runtime_image == 'minimal' %}
# Copies the libraries that the given programs and addons link into the current folder, with package
# metadata and licences for scanners. Fails, and names those that are missing.
{% else %}
# Fails, naming the libraries that the given programs and addons link and that are not in the
# runtime image.
{% endif %}
set -uo pipefail
{% if cookiecutter.runtime_image == 'minimal' %}
where='Install its Debian package in the stage base of the Dockerfile.'

copy() {
  file=$(realpath "$1")
  case $1 in
    # The loader in the image looks only where Debian keeps libraries.
    /lib* | /usr/lib*) install -D --mode 555 "$file" ".$1" ;;
    *) install -D --mode 555 "$file" "./usr/lib/${1##*/}" ;;
  esac
  package=$(dpkg --search "$file" 2> /dev/null | cut -d: -f1) || return
  mkdir -p var/lib/dpkg/status.d usr/share/doc
  dpkg --status "$package" > "var/lib/dpkg/status.d/$package"
  doc=$(realpath "/usr/share/doc/$package")
  install -D --mode 444 "$doc/copyright" --target-directory ".$doc"
  # Packages of one source may share a folder.
  [ -e "usr/share/doc/$package" ] || ln -s "${doc##*/}" "usr/share/doc/$package"
}
{% elif cookiecutter.runtime_image == 'slim' %}
where='Install its Debian package in the stage slim of the Dockerfile.'
{% else %}
where='Distroless cannot install it: answer runtime_image with minimal or slim.'
{% endif %}

# ldd prints `name => /path (0x7f...)`, `/path (0x7f...)` or `name => not found`.
named='(?<=\s)/\S+(?= \(0x)|\S+(?= => not found)'
failed=0
for program; do
  while read -r library; do
{% if cookiecutter.runtime_image == 'minimal' %}
    if [ -e "$library" ]; then
      copy "$library"
      continue
    fi
{% elif cookiecutter.runtime_image == 'distroless' %}
    [ -e "/runtime$library" ] && continue
{% else %}
    [ -e "$library" ] && continue
{% endif %}
    file=${program#/app/}
    echo "==> $file needs ${library##*/}, which is not there. $where" \
      "If nothing loads the file: ARG OMIT=\"${file##*node_modules/}\" in the stage prod-deps." >&2
    failed=1
  done < <(ldd "$program" 2> /dev/null | grep -oP "$named" | grep -v ^/app/)
done
exit "$failed"
