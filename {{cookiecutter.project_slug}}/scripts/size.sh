#!/bin/sh
# Draws what multi-stage saves: size.sh BASE_IMAGE SINGLE_STAGE_IMAGE PRODUCTION_IMAGE.
docker=${DOCKER:-docker}
case "${LC_ALL:-${LC_CTYPE:-$LANG}}" in *UTF-8*|*utf8*) block='█';; *) block='#';; esac

for image in "$@"; do "$docker" image inspect --format '{{ "{{.Size}}" }}' "$image" || exit 1; done | awk -v block="$block" '
  BEGIN { split("full base image,single stage,production", label, ",") }
  { size[NR] = $1; if ($1 > largest) largest = $1 }
  END {
    for (row = 1; row <= NR; row++) {
      bar = ""
      for (n = 0; n < size[row] / largest * 40; n++) bar = bar block
      printf "  %-16s %7.1f MB  %s\n", label[row], size[row] / 1e6, bar
    }
    printf "\n  %.1f %% saved: a single stage is %.1f times as large.\n", 100 * (1 - size[3] / size[2]), size[2] / size[3]
  }'
