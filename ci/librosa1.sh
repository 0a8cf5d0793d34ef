#!/usr/bin/env bash
# The golden tests against librosa 1.0, which needs Python 3.12 or later, in a virtual environment of their own.
#   bash ci/librosa1.sh [TREE]     TREE: the checkout to test, by default this one
# The Python is $FASTSPEC_PYTHON312 if that is set, else the first that is found on PATH, by uv or by pyenv. Without one
# the step says so and succeeds; with FASTSPEC_REQUIRE_LIBROSA1=1 it fails.
set -euo pipefail
tree=$(cd "${1:-$(dirname "$0")/..}" && pwd)
export PIP_DISABLE_PIP_VERSION_CHECK=1

candidates() {
  [ -z "${FASTSPEC_PYTHON312:-}" ] || { echo "$FASTSPEC_PYTHON312"; return; }
  local name
  for name in python3.12 python3.13 python3.14 python3; do command -v "$name" || true; done
  ! command -v uv > /dev/null || uv python find --no-python-downloads '>=3.12' 2> /dev/null || true
  ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python 2> /dev/null || true
}

# a shim of pyenv's may stand for a Python that is not there, so each is asked
new_enough() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' 2> /dev/null; }

python=""
while IFS= read -r candidate; do
  if new_enough "$candidate"; then python=$candidate && break; fi
done < <(candidates)
if [ -z "$python" ]; then
  echo "SKIPPED: librosa 1.0 needs Python 3.12 or later, and none was found on PATH, by uv or in ~/.pyenv/versions."
  echo "Get one with 'uv python install 3.12' or 'pyenv install 3.12', or set FASTSPEC_PYTHON312 to its path."
  [ "${FASTSPEC_REQUIRE_LIBROSA1:-0}" != 1 ]
  exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export FASTSPEC_CACHE_DIR="$work/cache"
echo "Python of these tests: $python"
"$python" -m venv "$work/venv"
(cd "$tree" && "$work/venv/bin/pip" install -q -e '.[librosa1]')
cd "$tree"
"$work/venv/bin/python" -c 'import librosa; print("librosa", librosa.__version__)'
# tests/librosa1 is for 1.0 alone; the others are the golden tests that 0.11 is held to as well
"$work/venv/bin/python" -m pytest -q -n 2 -p no:cacheprovider -W error -W ignore::fastspec.errors.FastspecWarning \
  tests/librosa1 tests/transform/test_stft.py tests/transform/test_mel.py tests/transform/test_geometry.py \
  tests/axes/test_frequency.py tests/axes/test_scales.py tests/colours/test_levels.py
