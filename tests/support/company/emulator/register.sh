#!/bin/sh
# Needs --privileged. The kernel's table is one for all; what is there already stays as it is.
set -eu
table=/proc/sys/fs/binfmt_misc
[ -e "$table/register" ] || mount -t binfmt_misc binfmt_misc "$table"
if grep -qs '^interpreter.*aarch64' "$table"/*; then echo 'arm64: the kernel has an emulation already'; exec sleep infinity; fi
# F: the interpreter is opened now, so that it works in every root file system.
sed 's|^:[^:]*:|:node-multi-stage-arm64:|; s|:[A-Z]*$|:OCPF|' /usr/lib/binfmt.d/qemu-aarch64.conf > "$table/register"
trap 'echo -1 > "$table/node-multi-stage-arm64"; exit 0' TERM
echo 'arm64: registered'
sleep infinity & wait
