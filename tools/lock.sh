#!/usr/bin/env bash
# Write requirements.lock: everything that the app is installed from, with hashes, in the versions
# that .venv has, which are the tested ones. torch is left to the Dockerfile, since its CPU build has
# an index of its own, and so is what only its CUDA build brings. UV names uv (pip install uv).
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/python -m pip freeze --all | grep '^[A-Za-z0-9._-]*==' | grep -v '^torch==' >"$folder/tested"
"${UV:-uv}" pip compile requirements.txt --constraint "$folder/tested" --python-version 3.11 \
  --universal --generate-hashes --no-annotate --custom-compile-command tools/lock.sh --quiet \
  --output-file "$folder/all"
awk '/^[a-z]/ { kept = !/^(torch|triton|cuda-[a-z]*|nvidia-[a-z0-9-]*)==/ } /^#/ || kept' "$folder/all" >requirements.lock
