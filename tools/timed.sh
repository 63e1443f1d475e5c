#!/usr/bin/env bash
# Runs a command and says how long that tier took: timed.sh NAME COMMAND...
set -u
name=$1
shift
start=$SECONDS
"$@"
code=$?
echo "time of $name: $((SECONDS - start)) s"
exit $code
