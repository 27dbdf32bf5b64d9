#!/usr/bin/env bash
# Make the project ready to run (setup.sh run) or to test (setup.sh dev): the programs that it
# calls, and .venv with torch, the packages of requirements.lock, whose files have to have the hashes
# that stand there, and for tests those of requirements-dev.txt. torch has no hash, since it has
# another build for each kind of GPU; nor has what only its CUDA build or the tests need.
# Whatever is there already is left alone. It runs with the bash 3.2 of macOS, too.
# PYTHON names the Python to use.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
venv=.venv/bin/python

case ${1:-run} in
  run) last=requirements.txt; requirements=(requirements.lock requirements.txt) ;;
  dev) last=requirements-dev.txt; requirements=(requirements.lock requirements.txt requirements-dev.txt) ;;
  *) echo "usage: tools/setup.sh [run|dev]" >&2; exit 2 ;;
esac
stamp=.venv/installed-$last

has() { command -v "$1" >/dev/null; }

# Install Debian packages, or say what to install. Fails when they could not be installed.
install() {
  local run=()
  if has apt-get; then
    [ "$(id -u)" = 0 ] || run=(sudo -n)
    if [ ${#run[@]} = 0 ] || sudo -n true 2>/dev/null; then
      run+=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
      echo "Installing $* with apt-get."
      "${run[@]}" install --no-install-recommends "$@" >/dev/null 2>&1 && return
      # the package lists may be missing or old
      "${run[@]}" update && "${run[@]}" install --no-install-recommends "$@" >/dev/null && return
    fi
    echo "Not installed: $*. To install: sudo apt-get install $*" >&2
  elif has brew; then
    echo "Not installed: $*. To install: brew install graphviz; brew install --cask chromium" >&2
  else
    echo "Not installed: $*. Please install them with your system's package manager." >&2
  fi
  return 1
}

# Programs that can be done without
missing=()
has dot || missing+=(graphviz)
[ "$(uname)" = Darwin ] || { has fc-list && [ -n "$(fc-list :lang=zh family)" ]; } || missing+=(fonts-noto-cjk)
[ "$last" = requirements.txt ] || has chromium || missing+=(chromium)
[ ${#missing[@]} = 0 ] || install "${missing[@]}" ||
  echo "Going on: drawings need graphviz, Chinese in them the fonts, browser tests chromium." >&2

# Unpack nginx for its tests: where it is installed as a package, it is started, too.
unpack_nginx() {
  has nginx || [ -x .venv/nginx/usr/sbin/nginx ] || ! has apt-get && return
  echo "Unpacking nginx into .venv."
  local here=$PWD place
  place=$(mktemp -d)
  cd "$place"
  if apt-get -qq download nginx nginx-common 2>/dev/null ||
     { apt-get -qq update && apt-get -qq download nginx nginx-common; } 2>/dev/null; then
    for package in *.deb; do dpkg -x "$package" "$here/.venv/nginx"; done
  else
    echo "Going on: without nginx, the proxy's tests are left out." >&2
  fi
  cd "$here"
  rm -rf "$place"
}

# .venv, unless it was made from these very requirements
if [ -x "$venv" ] && cat "${requirements[@]}" | cmp -s - "$stamp"; then
  [ "$last" = requirements.txt ] || unpack_nginx
  exit
fi

if ! "$venv" -m pip --version >/dev/null 2>&1; then
  "$PYTHON" -c 'import ensurepip' 2>/dev/null || install "$(basename "$PYTHON")-venv" || exit 1
  if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "cnnviz needs Python 3.11 or newer, and this is $("$PYTHON" --version)." >&2
    echo "If there is a newer one, name it: make run PYTHON=python3.12" >&2
    exit 1
  fi
  "$PYTHON" -m venv --clear .venv
fi
echo "Installing the Python packages; the first time this takes some minutes."
pip() { "$venv" -m pip install --disable-pip-version-check "$@"; }
pip --no-deps "$(grep '^torch==' requirements.txt)"
pip --no-deps --require-hashes -r requirements.lock
pip -r requirements.txt -r "$last"
cat "${requirements[@]}" >"$stamp"
[ "$last" = requirements.txt ] || unpack_nginx
