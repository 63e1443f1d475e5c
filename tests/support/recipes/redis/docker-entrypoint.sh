#!/bin/sh
# What the official image's entrypoint does: options alone are for redis-server, which does not stay root.
set -e
case $1 in
  -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis '{}' +
  exec setpriv --reuid=redis --regid=redis --clear-groups -- "$0" "$@"
fi
# The official server is compiled without protected mode.
if [ "$1" = redis-server ]; then set -- "$@" --protected-mode no; fi
umask 0077
exec "$@"
