#!/bin/sh
# `make pin`: writes the digest of each base image after its name in the Dockerfile, so that a
# build uses exactly that image. UNDO=1 takes the digests out.
docker=${DOCKER:-docker}
for base in "$@"; do
  name=${base%@*}
  digest=
  if [ -z "$UNDO" ]; then
    digest=$("$docker" buildx imagetools inspect "${MIRROR:+$MIRROR/}$name" |
      sed -n 's/^Digest: */@/p')
    [ -n "$digest" ] || exit 1
  fi
  sed "s|^FROM $base |FROM $name$digest |" Dockerfile > Dockerfile.new || exit 1
  # Overwritten, not replaced, so that the file keeps its owner and mode.
  cat Dockerfile.new > Dockerfile
  rm Dockerfile.new
  echo "FROM $name$digest"
done
