#!/usr/bin/env bash
# Makes the virtual environment with the pinned tools: venv.sh PYTHON VENV_FOLDER.
set -euo pipefail
python=$1 venv=$2

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null \
  || { echo "make: needs Python 3.10 or newer as '$python' (or: make PYTHON=...)" >&2; exit 1; }

# Debian and Ubuntu ship Python without ensurepip.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing python3-venv"
    { apt-get update && apt-get install -y --no-install-recommends python3-venv; } >/dev/null
  else
    echo "make: '$python' lacks venv; install it first (Debian, Ubuntu: sudo apt install python3-venv)" >&2
    exit 1
  fi
fi

echo "Installing the tools that pyproject.toml pins into $venv"
# A link leads to the environment of another checkout, which may be in use: add to it, never empty it.
[ -L "$venv" ] || "$python" -m venv --clear "$venv"
pip() { "$venv/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
# Dependency groups need pip 25.1.
if ! pip install "pip==26.3"; then
  echo "pip 26.3 cannot be had, for the reason above: any from 25.1 on will do" >&2
  pip install "pip>=25.1"
fi
pip install --group dev
touch "$venv/ready"
