#!/usr/bin/env bash
# The golden tests against librosa 1.0, which needs Python 3.12 or later, in a virtual environment of their own.
#   bash ci/librosa1.sh [TREE]     TREE: the checkout to test, by default this one
# The Python is $FASTSPEC_PYTHON312 if that is set, else the first that is found on PATH, by uv or by pyenv. Without one
# the step says so and succeeds; with FASTSPEC_REQUIRE_LIBROSA1=1 it fails.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/find_python.sh"
tree=$(cd "${1:-$here/..}" && pwd)
export PIP_DISABLE_PIP_VERSION_CHECK=1

python=$(python_since 12 "${FASTSPEC_PYTHON312:-}")
if [ -z "$python" ]; then
  echo "SKIPPED: librosa 1.0 needs Python 3.12 or later, and none was found on PATH, by uv or by pyenv."
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
