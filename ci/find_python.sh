# Which Pythons there are; sourced by the scripts beside it.

# pythons MINOR [CHOSEN]: paths that may be Python 3.MINOR or later, of PATH, uv and pyenv; CHOSEN alone if it is given.
pythons() {
  [ -z "${2:-}" ] || { echo "$2"; return; }
  local minor
  for minor in $(seq "$1" 20); do command -v "python3.$minor" || true; done
  command -v python3 || true
  ! command -v uv > /dev/null || uv python find --no-python-downloads ">=3.$1" 2> /dev/null || true
  ls -d "${UV_PYTHON_INSTALL_DIR:-$HOME/.local/share/uv/python}"/cpython-3.*/bin/python3 2> /dev/null || true
  ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python 2> /dev/null || true
}

# minor_of PATH: the minor version of a Python 3 that works and can make environments; nothing of others.
# A shim of pyenv's may stand for a Python that is not there, so each is asked. Free-threaded builds are passed over.
minor_of() {
  "$1" -c 'import sys, venv, ensurepip, sysconfig
if sys.version_info.major == 3 and sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED"):
    print(sys.version_info.minor)' 2> /dev/null || true
}

# python_since MINOR [CHOSEN]: the first that is at least this minor version; nothing where there is none.
python_since() {
  local candidate minor
  while IFS= read -r candidate; do
    minor=$(minor_of "$candidate")
    if [ -n "$minor" ] && [ "$minor" -ge "$1" ]; then echo "$candidate"; return; fi
  done < <(pythons "$@")
}

# python_of MINOR [CHOSEN]: the first of exactly this minor version; nothing where there is none.
python_of() {
  local candidate
  while IFS= read -r candidate; do
    if [ "$(minor_of "$candidate")" = "$1" ]; then echo "$candidate"; return; fi
  done < <(pythons "$@")
}
