# `make size`: draws the sizes in bytes of the full base image, a single stage, and production.
BEGIN { split("full base image,single stage,production", label, ",") }
{
  size[NR] = $1
  bar = substr("########################################", 1, $1 / 30e6)
  printf "  %-16s %7.1f MB  %s\n", label[NR], $1 / 1e6, bar
}
END {
  printf "\n  %.1f %% saved: ", 100 * (1 - size[3] / size[2])
  printf "a single stage is %.1f times as large.\n", size[2] / size[3]
}
