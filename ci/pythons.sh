#!/usr/bin/env bash
# The suite on every Python from 3.11 on that is found or can be had from uv, and on the oldest versions of what
# fastspec depends on, each in a virtual environment of its own.
#   bash ci/pythons.sh [--subset] [--newer] [--only 3.N] [--oldest] [TREE]
#     --subset   tests of batches, pictures, the command line and promises alone
#     --newer    one Python alone: the newest that is found above 3.11, where all else is tested
#     --only     this Python alone, e.g. 3.13 ; --oldest: the oldest dependencies alone, on 3.11
#     TREE       the checkout to test, by default this one
# Without a Python the step says so; with FASTSPEC_REQUIRE_PYTHONS=1 it fails then. FASTSPEC_PYTHON_NEWER names the one
# of --newer. FASTSPEC_NO_DOWNLOADS=1 asks uv for none.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/find_python.sh"
subset=0 newer=0 oldest=0 only="" tree=""
while [ $# -gt 0 ]; do
  case $1 in
    --subset) subset=1 ;;
    --newer) newer=1 ;;
    --oldest) oldest=1 ;;
    --only) only=${2#3.}; shift ;;
    -*) sed -n '2,10p' "$0" >&2; exit 2 ;;
    *) tree=$1 ;;
  esac
  shift
done
tree=$(cd "${tree:-$here/..}" && pwd)
export PIP_DISABLE_PIP_VERSION_CHECK=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tests=(tests)
[ "$subset" = 0 ] || tests=(tests/batch tests/picture tests/cli tests/promises)
newest=15 # the newest minor version that is asked for
ran=() missing=() failed=()

# had MINOR: the path of a Python, installed by uv if there is none here; nothing if that fails
had() {
  local found
  found=$(python_of "$1")
  if [ -z "$found" ] && [ "${FASTSPEC_NO_DOWNLOADS:-0}" != 1 ]; then
    if [ ! -x "$work/uv/bin/uv" ]; then
      python3 -m venv "$work/uv" && "$work/uv/bin/pip" install -q uv > "$work/uv.log" 2>&1 || true
    fi
    if UV_PYTHON_INSTALL_DIR="$work/pythons" timeout 300 "$work/uv/bin/uv" python install "3.$1" > "$work/uv.log" 2>&1; then
      found=$(UV_PYTHON_INSTALL_DIR="$work/pythons" "$work/uv/bin/uv" python find --managed-python "3.$1" || true)
    fi
  fi
  echo "$found"
}

# run_on PYTHON NAME [pip's options]: make the environment, then the tests
run_on() {
  local python=$1 name=$2 place="$work/$2"
  shift 2
  printf '\n== %s: %s (%ss)\n' "$name" "$("$python" -VV | head -1)" "$SECONDS"
  "$python" -m venv "$place"
  if ! (cd "$tree" && "$place/bin/pip" install -q "$@" -e '.[test]' > "$place.log" 2>&1); then
    grep -i error "$place.log" | head -3
    missing+=("$name (what fastspec needs does not install there)")
    return
  fi
  "$place/bin/pip" list --format=freeze 2> /dev/null | grep -iE '^(numpy|numba|pyfftw|pillow|soundfile|click)=' | paste -sd' '
  if (cd "$tree" && FASTSPEC_CACHE_DIR="$place-cache" "$place/bin/python" -m pytest -q -n 2 -p no:cacheprovider "${tests[@]}"); then
    ran+=("$name")
  else
    failed+=("$name")
  fi
  rm -rf "$place"
}

# the lower bounds of the dependencies, as pip's constraints
lowest() {
  "$1" - "$tree/pyproject.toml" <<'PY'
import re, sys, tomllib
with open(sys.argv[1], "rb") as file:
    for each in tomllib.load(file)["project"]["dependencies"]:
        print(re.sub(r"\s*>=\s*", "==", each))
PY
}

if [ "$newer" = 1 ]; then
  for minor in $(seq "$newest" -1 12); do
    found=$(python_of "$minor" "${FASTSPEC_PYTHON_NEWER:-}")
    [ -z "$found" ] || break
  done
  for minor_asked in 13 12; do # none is here: one that surely has wheels
    [ -n "$found" ] || { minor=$minor_asked; found=$(had "$minor_asked"); }
  done
  if [ -n "$found" ]; then run_on "$found" "3.$minor"; else missing+=("any above 3.11"); fi
else
  if [ "$oldest" = 0 ]; then
    for minor in $(seq 11 "$newest"); do
      [ -z "$only" ] || [ "$only" = "$minor" ] || continue
      found=$(had "$minor")
      if [ -n "$found" ]; then run_on "$found" "3.$minor"; else missing+=("3.$minor"); fi
    done
  fi
  if [ -z "$only" ]; then
    found=$(had 11)
    if [ -n "$found" ]; then
      lowest "$found" > "$work/lowest.txt"
      run_on "$found" "3.11-oldest-dependencies" -c "$work/lowest.txt"
    else
      missing+=("3.11 for the oldest dependencies")
    fi
  fi
fi

printf '\nPassed: %s\nFailed: %s\nNot run: %s\n' "${ran[*]:-none}" "${failed[*]:-none}" "$(IFS=';'; echo "${missing[*]:-none}")"
if [ ${#ran[@]} = 0 ] && [ ${#failed[@]} = 0 ]; then
  echo "SKIPPED: get one with 'uv python install 3.13' or 'pyenv install 3.13', or name it by FASTSPEC_PYTHON_NEWER."
fi
[ ${#failed[@]} = 0 ] && { [ "${FASTSPEC_REQUIRE_PYTHONS:-0}" != 1 ] || [ ${#missing[@]} = 0 ]; }
